package org.reft4j.train.rollout;

import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.ConfigException;

/** Rule for the beginning-of-text token, which is put before prompts only. */
public enum Beginning {
    /** As the tokenizer has it; in front of a chat only if the chat template writes it. */
    AUTO,
    /** Never set, as in the paper's code; a chat template may still write it. */
    NONE,
    /** In front of every prompt. */
    ALWAYS;

    /**
     * A prompt with the beginning-of-text token before it, at most once.
     *
     * @param chat true if a chat template wrote the prompt
     * @throws ConfigException if a token is wanted and the tokenizer has none
     */
    Tokens before(Tokens prompt, boolean chat, Tokenizer tokenizer) {
        Tokens front = front(chat, tokenizer);
        boolean there =
                prompt.size() >= front.size() && prompt.slice(0, front.size()).equals(front);
        return there ? prompt : front.concat(prompt);
    }

    private Tokens front(boolean chat, Tokenizer tokenizer) {
        return switch (this) {
            case NONE -> Tokens.of();
            case AUTO -> chat ? Tokens.of() : tokenizer.beginning();
            case ALWAYS ->
                tokenizer.beginning().isEmpty()
                        ? Tokens.of(tokenizer
                                .beginningOfText()
                                .orElseThrow(() -> new ConfigException("prompt.beginning is always, but "
                                        + tokenizer.source()
                                        + " names no beginning-of-text token; expected auto or none, or \"bos_token\" in its"
                                        + " tokenizer_config.json")))
                        : tokenizer.beginning();
        };
    }
}
