package org.reft4j.server.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.Caller;

/**
 * A key without its secret.
 *
 * @param name what it is for
 * @param hint the key's beginning and end, to tell keys apart
 * @param revokedMs when it stopped being good for anything
 */
public record ApiKey(
        String id,
        String project,
        String name,
        Caller.Role role,
        String hint,
        long createdMs,
        @Nullable Long revokedMs) {
    static ApiKey read(ResultSet row, StatementContext context) throws SQLException {
        long revoked = row.getLong("revoked_ms");
        Long known = row.wasNull() ? null : revoked;
        return new ApiKey(
                row.getString("id"),
                row.getString("project"),
                row.getString("name"),
                Caller.Role.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                row.getString("hint"),
                row.getLong("created_ms"),
                known);
    }
}
