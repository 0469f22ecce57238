package org.reft4j.model.weights;

/** A model file that cannot be used. The message names the file, the weight or key, and what was expected. */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FormatException(String message) {
        super(message);
    }

    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
