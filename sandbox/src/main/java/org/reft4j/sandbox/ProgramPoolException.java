package org.reft4j.sandbox;

/** Programs cannot be run at all: no worker starts, or the pool is closed. Fatal for a run. */
public final class ProgramPoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProgramPoolException(String message, Throwable cause) {
        super(message, cause);
    }

    public ProgramPoolException(String message) {
        super(message);
    }
}
