package org.reft4j.model.tokenizer;

/** A tokenizer that cannot be loaded. The message names the file, what was expected and what to do. */
public final class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TokenizerException(String message) {
        super(message);
    }

    public TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }
}
