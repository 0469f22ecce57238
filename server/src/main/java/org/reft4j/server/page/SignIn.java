package org.reft4j.server.page;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.reft4j.server.access.Sessions;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.http.SessionCookie;

/** Signing in to the dashboard: by a link that works once, or by a key. Both become a cookie that scripts cannot read. */
public final class SignIn {
    private static final int LONGEST = 4096;

    private final Sessions sessions;

    public SignIn(Sessions sessions) {
        this.sessions = sessions;
    }

    /** The handlers by the id of their operation. */
    public Map<String, Endpoint> handlers() {
        return Map.of("showSignIn", this::show, "signIn", this::take);
    }

    private Reply show(Call call) {
        return call.query("once")
                .map(
                        code -> sessions.redeem(code)
                                .map(session -> signedIn(call, session))
                                .orElseGet(
                                        () -> Templates.page(
                                                401,
                                                "signin",
                                                "This link was used already, or is too old. Start the server again for a new one, or sign in with a key.")))
                .orElseGet(() -> Templates.page(200, "signin", ""));
    }

    private Reply take(Call call) throws IOException {
        String form = new String(call.stream().readNBytes(LONGEST), StandardCharsets.UTF_8);
        String key = "";
        for (String field : form.split("&", -1)) {
            if (field.startsWith("key=")) {
                key = URLDecoder.decode(field.substring("key=".length()), StandardCharsets.UTF_8)
                        .strip();
            }
        }
        try {
            return signedIn(call, sessions.open(key));
        } catch (ApiError | IllegalArgumentException e) {
            return Templates.page(
                    401,
                    "signin",
                    "There is no such key. Keys begin with sk-reft- or tml-; reft keys create makes one.");
        }
    }

    private static Reply signedIn(Call call, String session) {
        return new Reply.Headed(
                Map.of(
                        "Set-Cookie",
                                SessionCookie.set(session, call.secure()),
                        "Location", "/",
                        "Cache-Control", "no-store"),
                new Reply.Bytes(303, "text/plain; charset=utf-8", new byte[0]));
    }
}
