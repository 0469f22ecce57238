package org.reft4j.server.http;

import java.util.Optional;

/** The cookie of a browser's session. Scripts cannot read it, and pages of others cannot send it. */
public final class SessionCookie {
    private static final String NAME = "reft-session";

    private SessionCookie() {}

    /**
     * The value of the header field that sets it.
     *
     * @param secure true if the browser came by TLS
     */
    public static String set(String session, boolean secure) {
        return NAME + "=" + session + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
    }

    /** The session in the header field {@code Cookie}. */
    static Optional<String> in(String header) {
        for (String cookie : header.split(";", -1)) {
            String[] parts = cookie.strip().split("=", 2);
            if (parts.length == 2 && parts[0].equals(NAME)) {
                return Optional.of(parts[1]);
            }
        }
        return Optional.empty();
    }
}
