package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Secrets;

/** The jobs as those see them who create and watch them. Each change of state is one transaction with its event. */
public final class Jobs {
    private static final String OWN = " WHERE id = :id AND project = :project";

    private final Jdbi jdbi;

    public Jobs(Database database) {
        this.jdbi = database.jdbi();
    }

    /**
     * A job that is to be created.
     *
     * @param hyperparameters those of the method, as sent
     */
    public record Draft(
            String id,
            String project,
            ObjectNode body,
            String method,
            String model,
            String trainingFile,
            @Nullable String validationFile,
            long seed,
            ObjectNode hyperparameters,
            Map<String, String> metadata) {}

    /**
     * The filter of a list.
     *
     * @param metadata the job must have all of these
     * @param none only jobs without metadata
     */
    public record Filter(Map<String, String> metadata, boolean none) {
        public static final Filter ALL = new Filter(Map.of(), false);

        public Filter {
            metadata = Map.copyOf(metadata);
        }
    }

    /** Creates a job whose files are still to be checked. */
    public Job create(Draft draft, List<JobEvent.Draft> events) {
        return jdbi.inTransaction(handle -> {
            long now = System.currentTimeMillis();
            handle.createUpdate("""
                            INSERT INTO jobs (id, project, created_ms, body, method, model, training_file, validation_file, seed,
                                hyperparameters, status, queued_ms)
                            VALUES (:id, :project, :now, :body, :method, :model, :training, :validation, :seed,
                                :hyperparameters, 'validating_files', :now)""")
                    .bind("id", draft.id())
                    .bind("project", draft.project())
                    .bind("now", now)
                    .bind("body", draft.body().toString())
                    .bind("method", draft.method())
                    .bind("model", draft.model())
                    .bind("training", draft.trainingFile())
                    .bind("validation", draft.validationFile())
                    .bind("seed", draft.seed())
                    .bind("hyperparameters", draft.hyperparameters().toString())
                    .execute();
            draft.metadata()
                    .forEach((name, content) -> handle.execute(
                            "INSERT INTO job_metadata (job_id, name, content) VALUES (?, ?, ?)",
                            draft.id(),
                            name,
                            content));
            events.forEach(event -> JobEvents.append(handle, draft.id(), event));
            return found(handle, draft.id());
        });
    }

    /** A job of a project. */
    public Optional<Job> find(String project, String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM jobs" + OWN)
                .bind("id", id)
                .bind("project", project)
                .map(Job::read)
                .findOne());
    }

    /** The metadata of jobs by id; those that have none are not in it. */
    public Map<String, Map<String, String>> metadata(List<String> ids) {
        Map<String, Map<String, String>> all = new HashMap<>();
        if (!ids.isEmpty()) {
            jdbi.useHandle(handle -> handle.createQuery(
                            "SELECT job_id, name, content FROM job_metadata WHERE job_id IN (<ids>) ORDER BY name")
                    .bindList("ids", ids)
                    .map((row, _) -> List.of(row.getString("job_id"), row.getString("name"), row.getString("content")))
                    .forEach(row -> all.computeIfAbsent(row.getFirst(), _ -> new LinkedHashMap<>())
                            .put(row.get(1), row.getLast())));
        }
        return all;
    }

    /**
     * The jobs of a project, newest first.
     *
     * @param after the last job of the page before; {@code null} for the first page
     */
    public Page<Job> list(String project, Filter filter, @Nullable Job after, int limit) {
        StringBuilder sql = new StringBuilder("SELECT * FROM jobs WHERE project = :project");
        if (after != null) {
            sql.append(" AND (created_ms < :created OR (created_ms = :created AND id < :id))");
        }
        if (filter.none()) {
            sql.append(" AND NOT EXISTS (SELECT 1 FROM job_metadata WHERE job_id = jobs.id)");
        }
        List<Map.Entry<String, String>> wanted =
                new ArrayList<>(filter.metadata().entrySet());
        for (int i = 0; i < wanted.size(); i++) {
            sql.append(" AND EXISTS (SELECT 1 FROM job_metadata WHERE job_id = jobs.id AND name = :name" + i
                    + " AND content = :content" + i + ")");
        }
        sql.append(" ORDER BY created_ms DESC, id DESC LIMIT :limit");
        return jdbi.withHandle(handle -> {
            Query query =
                    handle.createQuery(sql.toString()).bind("project", project).bind("limit", limit + 1);
            if (after != null) {
                query.bind("created", after.createdMs()).bind("id", after.id());
            }
            for (int i = 0; i < wanted.size(); i++) {
                query.bind("name" + i, wanted.get(i).getKey())
                        .bind("content" + i, wanted.get(i).getValue());
            }
            return Page.of(query.map(Job::read).list(), limit);
        });
    }

    /** The place of a queued job, from 1; empty if it does not wait. */
    public Optional<Integer> place(Job job) {
        if (job.status() != JobStatus.QUEUED) {
            return Optional.empty();
        }
        return Optional.of(jdbi.withHandle(handle -> handle.createQuery("""
                        SELECT count(*) FROM jobs WHERE status = 'queued'
                        AND (queued_ms < :queued OR (queued_ms = :queued AND id <= :id))""")
                .bind("queued", job.queuedMs())
                .bind("id", job.id())
                .mapTo(Integer.class)
                .one()));
    }

    /** Cancels it at once: a worker that is at it loses its right to go on. Empty where it is over already. */
    public Optional<Job> cancel(String project, String id) {
        Set<JobStatus> from =
                EnumSet.complementOf(EnumSet.of(JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED));
        return change(
                project,
                id,
                from,
                "status = 'cancelled', wish = NULL, lease_owner = NULL, lease_until_ms = NULL, finished_ms = :now",
                JobEvent.Draft.info("Fine-tuning job cancelled"));
    }

    /** Asks for a pause: a waiting job pauses at once, a running one after its step. Empty where it does neither. */
    public Optional<Job> pause(String project, String id) {
        Optional<Job> waiting = change(
                project, id, EnumSet.of(JobStatus.QUEUED), "status = 'paused'", JobEvent.Draft.info("Job paused"));
        return waiting.isPresent()
                ? waiting
                : change(
                        project,
                        id,
                        EnumSet.of(JobStatus.RUNNING),
                        "wish = 'PAUSE'",
                        JobEvent.Draft.info("Pausing the job: it stops after its current step and keeps a checkpoint"));
    }

    /** Puts a paused job at the end of the queue. Empty where it is not paused. */
    public Optional<Job> resume(String project, String id) {
        JobEvent.Draft resumed = JobEvent.Draft.info("Job resumed, moving it to queued state");
        Optional<Job> paused = change(
                project, id, EnumSet.of(JobStatus.PAUSED), "status = 'queued', wish = NULL, queued_ms = :now", resumed);
        return paused.isPresent()
                ? paused
                : change(
                        project,
                        id,
                        EnumSet.of(JobStatus.RUNNING),
                        "wish = CASE wish WHEN 'PAUSE' THEN 'RESUME' ELSE wish END",
                        resumed);
    }

    private Optional<Job> change(
            String project, String id, Set<JobStatus> from, String assignments, JobEvent.Draft event) {
        return jdbi.inTransaction(handle -> {
            int changed = handle.createUpdate("UPDATE jobs SET " + assignments + OWN + " AND status IN (<from>)")
                    .bind("id", id)
                    .bind("project", project)
                    .bind("now", System.currentTimeMillis())
                    .bindList("from", from.stream().map(JobStatus::word).toList())
                    .execute();
            if (changed == 0) {
                return Optional.empty();
            }
            JobEvents.append(handle, id, event);
            return Optional.of(found(handle, id));
        });
    }

    /** The jobs that ended before a time, whose runs are still there. */
    public List<String> endedBefore(long ms) {
        return jdbi.withHandle(handle ->
                handle.createQuery("""
                        SELECT id FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled')
                        AND finished_ms < :before AND run_deleted_ms IS NULL""").bind("before", ms).mapTo(String.class).list());
    }

    /** Stores that the folder of a job's run is not there any more. */
    public void runDeleted(String id, String words) {
        jdbi.useTransaction(handle -> {
            handle.execute("UPDATE jobs SET run_deleted_ms = ? WHERE id = ?", System.currentTimeMillis(), id);
            JobEvents.append(handle, id, JobEvent.Draft.info(words));
        });
    }

    static Job found(Handle handle, String id) {
        return handle.createQuery("SELECT * FROM jobs WHERE id = :id")
                .bind("id", id)
                .map(Job::read)
                .one();
    }

    /** A new id. */
    public static String newId() {
        return Secrets.id("ftjob-");
    }
}
