package org.reft4j.server.access;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.Callers;
import org.reft4j.server.store.Database;

/**
 * The sessions of browsers, by the digest of what their cookies hold; they outlive the server's end. A session that was opened with a key is
 * worth what the key is worth at each request, so that revoking a key ends its sessions; one that was opened by the link of whoever started
 * the server is the owner's.
 */
public final class Sessions implements Callers {
    /** The beginning of what the cookie holds; no key begins like this. */
    private static final String PREFIX = "session-";

    private static final int BYTES = 32;
    private static final int MOST_LINKS = 100;
    private static final Duration LIFETIME = Duration.ofHours(12);
    private static final Duration LINK_LIFETIME = Duration.ofHours(1);

    private final Keys keys;
    private final Jdbi jdbi;
    private final Map<String, Instant> links = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MOST_LINKS;
        }
    };

    /** @param key the id of the key that it was opened with; empty for the owner's */
    private record Opened(Optional<String> key) {}

    public Sessions(Keys keys, Database database) {
        this.keys = keys;
        this.jdbi = database.jdbi();
    }

    /** A new code for a link that works once, until the server ends. */
    public synchronized String link() {
        String code = Secrets.key(BYTES);
        links.put(code, Instant.now().plus(LINK_LIFETIME));
        return code;
    }

    /** Opens a session for the owner; empty if the code was used already or is too old. */
    public synchronized Optional<String> redeem(String code) {
        Instant until = links.remove(code);
        return until == null || until.isBefore(Instant.now()) ? Optional.empty() : Optional.of(opened(null));
    }

    /**
     * Opens a session for the owner of a key.
     *
     * @throws org.reft4j.server.http.ApiError 401 if it is nobody's
     */
    public String open(String key) {
        return opened(keys.of(Optional.of(key)).key());
    }

    private String opened(@Nullable String key) {
        String session = PREFIX + Secrets.key(BYTES);
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO sessions (digest, key_id, until_ms) VALUES (?, ?, ?)",
                Keys.digest(session),
                key,
                Instant.now().plus(LIFETIME).toEpochMilli()));
        return session;
    }

    @Override
    public Caller of(Optional<String> key) {
        if (key.isEmpty() || !key.get().startsWith(PREFIX)) {
            return keys.of(key);
        }
        Optional<Opened> session = jdbi.withHandle(
                handle -> handle.createQuery("SELECT key_id FROM sessions WHERE digest = :digest AND until_ms > :now")
                        .bind("digest", Keys.digest(key.get()))
                        .bind("now", System.currentTimeMillis())
                        .map((row, _) -> new Opened(Optional.ofNullable(row.getString("key_id"))))
                        .findOne());
        if (session.isEmpty()) {
            return keys.of(Optional.empty());
        }
        return session.get().key().isEmpty()
                ? new Caller(Keys.DEFAULT_PROJECT, "session", Caller.Role.ADMIN)
                : session.get().key().flatMap(keys::byId).orElseGet(() -> keys.of(Optional.empty()));
    }

    /** Forgets those that are over. */
    public void sweep() {
        jdbi.useHandle(
                handle -> handle.execute("DELETE FROM sessions WHERE until_ms <= ?", System.currentTimeMillis()));
    }
}
