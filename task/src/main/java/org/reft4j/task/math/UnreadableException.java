package org.reft4j.task.math;

/** A text is no mathematical answer; never leaves this package. */
final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
        super(message, null, false, false);
    }
}
