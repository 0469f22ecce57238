package org.reft4j.server.store;

/** A job is not this worker's any more: it was cancelled, or the worker was silent for too long. Nothing more may be written. */
public final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LeaseLostException(String message) {
        super(message);
    }

    LeaseLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
