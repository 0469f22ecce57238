package org.reft4j.train;

/** Training went wrong in a way that further steps cannot mend. The message says what was seen, where, and what to try. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }
}
