package org.reft4j.server.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The header field that makes browsers save a file instead of showing it. */
final class Attachment {
    private Attachment() {}

    /** Names of clients hold anything, line ends too; only letters that cannot break the header get into it. */
    static String of(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        String full = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
        return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + full;
    }
}
