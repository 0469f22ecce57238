package org.reft4j.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The log of requests: one JSON object each, with its id, method, path, status, times and sizes; never a key, a body or a query. */
@FunctionalInterface
public interface RequestLog {
    /** No log. */
    RequestLog NONE = line -> {};

    void write(ObjectNode line);
}
