package org.reft4j.server.http;

import java.util.Map;
import java.util.Optional;

/** Another vendor's paths of the same API. */
@FunctionalInterface
public interface Dialect {
    /**
     * The operation's path in this API.
     *
     * @param path as it is in the document
     * @param fields fields that the other path says and the body here does, such as the model; a field that the body has stays
     */
    record Target(String path, Map<String, String> fields) {}

    /** Translates a raw path, if it is one of this dialect's. */
    Optional<Target> target(String rawPath);
}
