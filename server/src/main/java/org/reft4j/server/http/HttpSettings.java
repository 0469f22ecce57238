package org.reft4j.server.http;

import java.time.Duration;

/**
 * The settings of the HTTP server.
 *
 * @param host address to listen at, such as {@code 127.0.0.1}
 * @param port 0 for any free one
 * @param bodyBytes longest body that is not a file
 * @param fileBytes longest body that is a file
 * @param idle time after which a silent connection is closed
 * @param end time that requests get to come to their end when the server is closed
 * @param requestsPerSecond of one key; 0 for any number
 */
public record HttpSettings(
        String host, int port, long bodyBytes, long fileBytes, Duration idle, Duration end, int requestsPerSecond) {
    private static final long MIB = 1L << 20;

    /** The defaults for one's own machine. */
    public static HttpSettings local(int port) {
        return new HttpSettings(
                "127.0.0.1", port, 64 * MIB, 513 * MIB, Duration.ofSeconds(30), Duration.ofSeconds(10), 0);
    }

    /** True if only programs on this machine can reach the server. */
    public boolean loopback() {
        return host.equals("localhost") || host.equals("::1") || host.equals("[::1]") || host.startsWith("127.");
    }
}
