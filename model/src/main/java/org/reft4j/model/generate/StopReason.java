package org.reft4j.model.generate;

/** Reason why a completion ended. */
public enum StopReason {
    /** A token that ends a text was sampled; it is the completion's last. */
    END_OF_TEXT("end-of-text"),
    /** No more tokens were allowed, by the settings or the model's context. */
    LENGTH("length"),
    /** The text holds one of the stop strings; the token that completed it is the last. */
    STOP_STRING("stop-string"),
    /** The prompt leaves no room for a single token; the completion is empty. */
    PROMPT_TOO_LONG("prompt-too-long");

    private final String label;

    StopReason(String label) {
        this.label = label;
    }

    /** Name in files and reports. */
    public String label() {
        return label;
    }
}
