package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * A model that a job leaves.
 *
 * @param name as callers name it, such as {@code ft:base:project:suffix:id:ckpt-step-20}
 * @param id of the checkpoint
 * @param score what the best are chosen by; empty if it was not measured
 * @param metrics figures of its step
 * @param folder below the data folder
 */
public record JobModel(
        String name,
        String id,
        String job,
        String project,
        long createdMs,
        Kind kind,
        int step,
        OptionalDouble score,
        ObjectNode metrics,
        String folder) {
    /** The reason why a model is kept. */
    public enum Kind {
        CHECKPOINT,
        /** The job was paused there. */
        PAUSED,
        /** The model that the job was for. */
        FINAL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static JobModel read(ResultSet row, StatementContext context) throws SQLException {
        double score = row.getDouble("score");
        OptionalDouble measured = row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(score);
        return new JobModel(
                row.getString("name"),
                row.getString("id"),
                row.getString("job_id"),
                row.getString("project"),
                row.getLong("created_ms"),
                Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getInt("step"),
                measured,
                JsonText.object(row.getString("metrics")),
                row.getString("folder"));
    }
}
