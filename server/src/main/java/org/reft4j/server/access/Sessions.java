package org.reft4j.server.access;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.Callers;

/**
 * The sessions of browsers, in memory: they end with the server. A session that was opened with a key is worth what the key is worth at
 * each request, so that revoking a key ends its sessions; one that was opened by the link of whoever started the server is the owner's.
 */
public final class Sessions implements Callers {
    /** The beginning of what the cookie holds; no key begins like this. */
    private static final String PREFIX = "session-";

    private static final int BYTES = 32;
    private static final int MOST = 10_000;
    private static final Duration LIFETIME = Duration.ofHours(12);
    private static final Duration LINK_LIFETIME = Duration.ofHours(1);

    private final Callers keys;
    private final Map<String, Opened> sessions = new Latest<>();
    private final Map<String, Instant> links = new Latest<>();

    /** @param key that it was opened with; empty for the owner's */
    private record Opened(Optional<String> key, Instant until) {}

    public Sessions(Callers keys) {
        this.keys = keys;
    }

    /** A new code for a link that works once. */
    public synchronized String link() {
        String code = Secrets.key(BYTES);
        links.put(code, Instant.now().plus(LINK_LIFETIME));
        return code;
    }

    /** Opens a session for the owner; empty if the code was used already or is too old. */
    public synchronized Optional<String> redeem(String code) {
        Instant until = links.remove(code);
        return until == null || until.isBefore(Instant.now())
                ? Optional.empty()
                : Optional.of(opened(Optional.empty()));
    }

    /**
     * Opens a session for the owner of a key.
     *
     * @throws org.reft4j.server.http.ApiError 401 if it is nobody's
     */
    public synchronized String open(String key) {
        Caller _ = keys.of(Optional.of(key));
        return opened(Optional.of(key));
    }

    private String opened(Optional<String> key) {
        String session = PREFIX + Secrets.key(BYTES);
        sessions.put(session, new Opened(key, Instant.now().plus(LIFETIME)));
        return session;
    }

    @Override
    public Caller of(Optional<String> key) {
        if (key.isEmpty() || !key.get().startsWith(PREFIX)) {
            return keys.of(key);
        }
        Opened session;
        synchronized (this) {
            session = sessions.get(key.get());
        }
        if (session == null || session.until().isBefore(Instant.now())) {
            return keys.of(Optional.empty());
        }
        return session.key().isPresent()
                ? keys.of(session.key())
                : new Caller(Keys.DEFAULT_PROJECT, "session", Caller.Role.ADMIN);
    }

    /** A map that forgets its oldest entries. */
    private static final class Latest<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > MOST;
        }
    }
}
