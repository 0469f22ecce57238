package org.reft4j.server.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the HTTP server.
 *
 * @param host address to listen at, such as {@code 127.0.0.1}
 * @param port 0 for any free one
 * @param certificate for TLS; {@code null} for plain HTTP
 * @param loopback true if only programs of this machine can reach it
 * @param hosts names that it may be called by beside those of this machine, where only these are right
 * @param bodyBytes longest body that is not a file
 * @param fileBytes longest body that is a file
 * @param requestsPerSecond of one key; 0 for any number
 * @param connections open at once
 * @param idle time after which a silent connection is closed
 * @param end time that requests get to come to their end when the server is closed
 */
public record HttpSettings(
        String host,
        int port,
        @Nullable Certificate certificate,
        boolean loopback,
        List<String> hosts,
        long bodyBytes,
        long fileBytes,
        int requestsPerSecond,
        int connections,
        Duration idle,
        Duration end) {}
