package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job.
 *
 * @param number among the job's events, from 1
 * @param data figures; {@code null} for a message alone
 */
public record JobEvent(
        String id,
        long number,
        long createdMs,
        Level level,
        String message,
        @Nullable ObjectNode data) {
    /** The weight of an event. */
    public enum Level {
        INFO,
        WARN,
        ERROR;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * An event that is to be stored.
     *
     * @param once a key under which the job has one event at most; later ones change nothing. {@code null} for none
     */
    public record Draft(
            Level level,
            String message,
            @Nullable ObjectNode data,
            @Nullable String once) {
        public static Draft info(String message) {
            return new Draft(Level.INFO, message, null, null);
        }

        public static Draft warn(String message) {
            return new Draft(Level.WARN, message, null, null);
        }

        public static Draft error(String message) {
            return new Draft(Level.ERROR, message, null, null);
        }

        /** The same, told once however often it happens. */
        public Draft once(String key) {
            return new Draft(level, message, data, key);
        }
    }

    /** The type in the API. */
    public String type() {
        return data == null ? "message" : "metrics";
    }

    static JobEvent read(ResultSet row, StatementContext context) throws SQLException {
        return new JobEvent(
                row.getString("id"),
                row.getLong("number"),
                row.getLong("created_ms"),
                Level.valueOf(row.getString("level").toUpperCase(Locale.ROOT)),
                row.getString("message"),
                Optional.ofNullable(row.getString("data")).map(JsonText::object).orElse(null));
    }
}
