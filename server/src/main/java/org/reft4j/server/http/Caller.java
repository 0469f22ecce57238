package org.reft4j.server.http;

/**
 * The owner of the key that a request was sent with.
 *
 * @param project everything that the caller makes belongs to it, and nothing of another is visible
 * @param key id of the key, for logs; never the key itself
 */
public record Caller(String project, String key, Role role) {
    /** Rights of a key, each with those before it. */
    public enum Role {
        /** Looks at everything of its project. */
        READ,
        /** Uploads, trains and samples. */
        WRITE,
        /** Makes keys and projects. */
        ADMIN
    }
}
