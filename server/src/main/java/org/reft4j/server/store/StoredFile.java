package org.reft4j.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A file that a client uploaded or a job made.
 *
 * @param filename what its owner calls it; never part of a path
 * @param purpose such as {@code fine-tune}
 * @param expiresMs when it is deleted by itself
 */
public record StoredFile(
        String id,
        String project,
        String filename,
        String purpose,
        long bytes,
        long createdMs,
        @Nullable Long expiresMs) {
    static StoredFile read(ResultSet row, StatementContext context) throws SQLException {
        long expires = row.getLong("expires_ms");
        Long known = row.wasNull() ? null : expires;
        return new StoredFile(
                row.getString("id"),
                row.getString("project"),
                row.getString("filename"),
                row.getString("purpose"),
                row.getLong("bytes"),
                row.getLong("created_ms"),
                known);
    }
}
