package org.reft4j.server.http;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header field {@code Content-Disposition}: names of parts and files. */
final class Disposition {
    private static final Pattern PARAMETER =
            Pattern.compile(";\\s*([A-Za-z0-9!#$&+.^_`|~*-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]*))");

    private Disposition() {}

    /** A parameter of the field; empty if it has none of that name. */
    static String parameter(String field, String name) {
        Matcher matcher = PARAMETER.matcher(field);
        while (matcher.find()) {
            if (matcher.group(1).equalsIgnoreCase(name)) {
                return matcher.group(2) == null
                        ? matcher.group(3)
                        : matcher.group(2).replaceAll("\\\\([\"\\\\])", "$1").replace("%22", "\"");
            }
        }
        return "";
    }

    /** Decodes {@code UTF-8''name%20here}. */
    static String extended(String value) {
        String[] parts = value.split("'", 3);
        if (parts.length < 3) {
            return value;
        }
        try {
            return URLDecoder.decode(parts[2].replace("+", "%2B"), Charset.forName(parts[0]));
        } catch (IllegalArgumentException e) {
            return parts[2];
        }
    }

    /** The field that makes browsers save a file. Names of clients hold anything; only letters that cannot break the header get into it. */
    static String attachment(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        String full = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + full;
    }
}
