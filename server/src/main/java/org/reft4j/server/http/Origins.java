package org.reft4j.server.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keeps web pages of others out. A page may send requests to any server that its reader can reach, one at 127.0.0.1 too, and its host's name may
 * be made to mean 127.0.0.1 (DNS rebinding): without keys it would act for the reader.
 */
final class Origins {
    private static final Pattern LOCAL = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final Pattern PORT = Pattern.compile(":\\d*$");

    private final boolean loopback;
    private final List<String> hosts;

    /**
     * @param loopback true if only this machine's own names are right
     * @param hosts further names
     */
    Origins(boolean loopback, List<String> hosts) {
        this.loopback = loopback;
        this.hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * @param host the header field {@code Host}
     * @param origin the header field {@code Origin}, which browsers send
     * @throws ApiError 403 if the request comes from a page of somebody else
     */
    void require(Optional<String> host, Optional<String> origin) {
        String name = PORT.matcher(host.orElse("").toLowerCase(Locale.ROOT)).replaceAll("");
        if (loopback && !name.isEmpty() && !LOCAL.matcher(name).matches() && !hosts.contains(name)) {
            throw refused(
                    "host_not_allowed",
                    "This server answers to localhost only, not to " + name
                            + "; name it under \"hosts\" in server.yaml.");
        }
        if (origin.isPresent()) {
            String from = origin.get().toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
            if (!from.equals(host.orElse("").toLowerCase(Locale.ROOT))) {
                throw refused("origin_not_allowed", "Pages of " + origin.get() + " may not use this server.");
            }
        }
    }

    private static ApiError refused(String code, String message) {
        return new ApiError(403, "invalid_request_error", null, code, message);
    }
}
