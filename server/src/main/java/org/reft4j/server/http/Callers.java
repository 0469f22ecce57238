package org.reft4j.server.http;

import java.util.Optional;

/** Tells whose key a request carries. */
@FunctionalInterface
public interface Callers {
    /**
     * @param key as the client sent it; empty if it sent none
     * @throws ApiError 401 if nobody's
     */
    Caller of(Optional<String> key);
}
