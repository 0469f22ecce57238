package org.reft4j.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A file that arrives in parts.
 *
 * @param bytes length that was announced
 * @param status {@code pending}, {@code completed}, {@code cancelled} or {@code expired}
 * @param fileSeconds lifetime of the file to be
 * @param fileId the file that it became
 */
public record Upload(
        String id,
        String project,
        String filename,
        String purpose,
        long bytes,
        String status,
        long createdMs,
        long expiresMs,
        @Nullable Long fileSeconds,
        @Nullable String fileId) {
    public static final String PENDING = "pending";

    static Upload read(ResultSet row, StatementContext context) throws SQLException {
        long seconds = row.getLong("file_seconds");
        Long lifetime = row.wasNull() ? null : seconds;
        String status = row.getString("status");
        long expires = row.getLong("expires_ms");
        return new Upload(
                row.getString("id"),
                row.getString("project"),
                row.getString("filename"),
                row.getString("purpose"),
                row.getLong("bytes"),
                status.equals(PENDING) && expires <= System.currentTimeMillis() ? "expired" : status,
                row.getLong("created_ms"),
                expires,
                lifetime,
                row.getString("file_id"));
    }
}
