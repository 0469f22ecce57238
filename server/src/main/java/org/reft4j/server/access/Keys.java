package org.reft4j.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.Callers;
import org.reft4j.server.store.Database;

/**
 * The keys: 256 random bits each, of which only the SHA-256 digest is kept. While there has never been one, everybody is the owner of the
 * default project: such a server listens to its own machine alone.
 */
public final class Keys implements Callers {
    /** The project of everybody where there are no keys. */
    public static final String DEFAULT_PROJECT = "default";

    private static final int KEY_BYTES = 32;
    private static final int HINT_LETTERS = 4;
    private static final Caller OWNER = new Caller(DEFAULT_PROJECT, "none", Caller.Role.ADMIN);

    private final Jdbi jdbi;

    public Keys(Database database) {
        this.jdbi = database.jdbi();
    }

    /** The beginning of keys: clients of Tinker refuse keys that do not begin like Tinker's. */
    public enum Style {
        REFT("sk-reft-"),
        TINKER("tml-");

        private final String prefix;

        Style(String prefix) {
            this.prefix = prefix;
        }
    }

    /**
     * A new key, the only time that it can be seen.
     *
     * @param secret what clients send
     */
    public record Created(ApiKey key, String secret) {}

    public Created create(String project, String name, Caller.Role role, Style style) {
        String secret = style.prefix + Secrets.key(KEY_BYTES);
        String hint = style.prefix + "…" + secret.substring(secret.length() - HINT_LETTERS);
        ApiKey key = new ApiKey(Secrets.id("key_"), project, name, role, hint, System.currentTimeMillis(), null);
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO api_keys (id, project, name, role, digest, hint, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                key.id(),
                project,
                name,
                role.name().toLowerCase(Locale.ROOT),
                digest(secret),
                hint,
                key.createdMs()));
        return new Created(key, secret);
    }

    /** All keys, revoked ones too, in the order of their making. */
    public List<ApiKey> list() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM api_keys ORDER BY created_ms, id")
                .map(ApiKey::read)
                .list());
    }

    /** Makes a key worthless at once; false if there is no such key or it is already. */
    public boolean revoke(String id) {
        return jdbi.withHandle(handle -> handle.execute(
                        "UPDATE api_keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL",
                        System.currentTimeMillis(),
                        id))
                > 0;
    }

    /** True if there is a key that is good for something. */
    public boolean any() {
        return count("SELECT count(*) FROM api_keys WHERE revoked_ms IS NULL") > 0;
    }

    @Override
    public Caller of(Optional<String> key) {
        if (key.isPresent()) {
            Optional<Caller> caller = known(key.get());
            if (caller.isPresent()) {
                return caller.get();
            }
        }
        // Revoked keys count: revoking the last one must not open the server to everybody.
        if (count("SELECT count(*) FROM api_keys") == 0) {
            return OWNER;
        }
        throw new ApiError(
                401,
                "invalid_request_error",
                null,
                "invalid_api_key",
                key.isPresent()
                        ? "Incorrect API key provided; reft keys create makes one."
                        : "You didn't provide an API key; send it as \"Authorization: Bearer KEY\".");
    }

    /** Whoever has the key of an id; empty if there is none that is good for something. */
    Optional<Caller> byId(String id) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT * FROM api_keys WHERE id = :id AND revoked_ms IS NULL")
                        .bind("id", id)
                        .map(ApiKey::read)
                        .map(key -> new Caller(key.project(), key.id(), key.role()))
                        .findOne());
    }

    private Optional<Caller> known(String secret) {
        String digest = digest(secret);
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM api_keys WHERE digest = :digest AND revoked_ms IS NULL")
                .bind("digest", digest)
                .map((row, context) -> {
                    ApiKey key = ApiKey.read(row, context);
                    // The index compares digests, which tell nothing about keys; this takes equal time all the same.
                    return equal(digest, row.getString("digest"))
                            ? Optional.of(new Caller(key.project(), key.id(), key.role()))
                            : Optional.<Caller>empty();
                })
                .findOne()
                .flatMap(found -> found));
    }

    private int count(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Integer.class).one());
    }

    private static boolean equal(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    static String digest(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
