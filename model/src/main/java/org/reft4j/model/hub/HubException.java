package org.reft4j.model.hub;

/** A model that cannot be fetched. The message names it, what went wrong and what to do. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        super(message);
    }

    public HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
