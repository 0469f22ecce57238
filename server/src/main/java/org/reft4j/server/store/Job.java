package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A training job as it is stored. Times are milliseconds since 1970; 0 for what has not happened.
 *
 * @param body the request as it was sent
 * @param method {@code supervised}, {@code dpo} or {@code reinforcement}
 * @param model the name of the model that training begins from
 * @param hyperparameters those of the method, resolved once the files were looked at
 * @param settings settings of the run by dotted key; empty until they are resolved
 * @param wish what a running job was asked for
 * @param queuedMs decides the place in the queue
 * @param lease who works on it
 * @param attempt number of workers that it has had
 * @param lost number of workers that died since its last checkpoint
 * @param step the last step that is done
 * @param steps number of steps in all, 0 while it is not known
 */
public record Job(
        String id,
        String project,
        long createdMs,
        ObjectNode body,
        String method,
        String model,
        String trainingFile,
        Optional<String> validationFile,
        long seed,
        ObjectNode hyperparameters,
        Optional<ObjectNode> settings,
        JobStatus status,
        Optional<Wish> wish,
        long queuedMs,
        long startedMs,
        long finishedMs,
        Optional<Lease> lease,
        int attempt,
        int lost,
        int step,
        int steps,
        long trainedTokens,
        double trainedSeconds,
        Optional<Failure> failure,
        Optional<String> fineTunedModel,
        Optional<String> resultFile) {

    /** A request of a job's owner to its worker. */
    public enum Wish {
        PAUSE,
        /** To be queued again once it has paused. */
        RESUME
    }

    /**
     * The right to work on a job, until a moment that its owner keeps moving on.
     *
     * @param owner of one worker only, never used again
     */
    public record Lease(String owner, long untilMs) {}

    /**
     * The reason why a job failed.
     *
     * @param param the field of the request at fault, where there is one
     */
    public record Failure(
            String code, String message, @Nullable String param) {}

    /** The status that callers see: a job that was asked to pause counts as paused. */
    public JobStatus shown() {
        if (status != JobStatus.RUNNING || wish.isEmpty()) {
            return status;
        }
        return wish.get() == Wish.PAUSE ? JobStatus.PAUSED : JobStatus.QUEUED;
    }

    static Job read(ResultSet row, StatementContext context) throws SQLException {
        String owner = row.getString("lease_owner");
        String code = row.getString("error_code");
        return new Job(
                row.getString("id"),
                row.getString("project"),
                row.getLong("created_ms"),
                JsonText.object(row.getString("body")),
                row.getString("method"),
                row.getString("model"),
                row.getString("training_file"),
                Optional.ofNullable(row.getString("validation_file")),
                row.getLong("seed"),
                JsonText.object(row.getString("hyperparameters")),
                Optional.ofNullable(row.getString("settings")).map(JsonText::object),
                JobStatus.of(row.getString("status")),
                Optional.ofNullable(row.getString("wish")).map(Wish::valueOf),
                row.getLong("queued_ms"),
                row.getLong("started_ms"),
                row.getLong("finished_ms"),
                owner == null ? Optional.empty() : Optional.of(new Lease(owner, row.getLong("lease_until_ms"))),
                row.getInt("attempt"),
                row.getInt("lost"),
                row.getInt("step"),
                row.getInt("steps"),
                row.getLong("trained_tokens"),
                row.getDouble("trained_seconds"),
                code == null
                        ? Optional.empty()
                        : Optional.of(new Failure(code, row.getString("error_message"), row.getString("error_param"))),
                Optional.ofNullable(row.getString("fine_tuned_model")),
                Optional.ofNullable(row.getString("result_file")));
    }
}
