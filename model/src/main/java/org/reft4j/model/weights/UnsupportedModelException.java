package org.reft4j.model.weights;

/** A model that this build cannot run. The message names what is unknown and what is known instead. */
public final class UnsupportedModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnsupportedModelException(String message) {
        super(message);
    }
}
