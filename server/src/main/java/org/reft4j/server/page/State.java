package org.reft4j.server.page;

import java.util.Locale;

/** The state of a job or a run, with what a person can do about it. */
enum State {
    CHECKING("checking files", "Its files and settings are being checked, line by line."),
    QUEUED("queued", "It waits for its turn. Jobs run in the order in which they were created."),
    RUNNING("running", "Pausing ends it after its step, with a checkpoint; resuming goes on exactly from there."),
    PAUSED("paused", "It goes on from its newest checkpoint, exactly: resume it here, or with reft train --resume."),
    DONE("done", "Chat with its model, measure it on questions of your own, or compare it with other jobs."),
    FAILED("failed", "Its last event says why. Mend that and make a new job like it; what it has sampled stays."),
    CANCELLED("cancelled", "It was ended by hand. Its checkpoints stay and can be used."),
    SILENT(
            "no news",
            "Its files have not changed for a while: it was killed, or its step takes long. reft train --resume goes on from its newest checkpoint.");

    private final String words;
    private final String advice;

    State(String words, String advice) {
        this.words = words;
        this.advice = advice;
    }

    String words() {
        return words;
    }

    String advice() {
        return advice;
    }

    /** The name in the style sheet. */
    String style() {
        return "state-" + name().toLowerCase(Locale.ROOT);
    }

    /** True if nothing more happens by itself. */
    boolean over() {
        return this != CHECKING && this != QUEUED && this != RUNNING;
    }

    /** A status of the API. */
    static State of(String status) {
        return switch (status) {
            case "validating_files" -> CHECKING;
            case "queued" -> QUEUED;
            case "running" -> RUNNING;
            case "paused" -> PAUSED;
            case "succeeded" -> DONE;
            case "cancelled" -> CANCELLED;
            default -> FAILED;
        };
    }
}
