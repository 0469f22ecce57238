package org.reft4j.train;

/** A configuration that cannot be run. The message names the key, its value and what was expected. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Throws unless {@code valid}, in the words {@code key is value; expected …}. */
    public static void check(boolean valid, String key, Object value, String expected) {
        if (!valid) {
            throw new ConfigException(key + " is " + value + "; expected " + expected);
        }
    }
}
