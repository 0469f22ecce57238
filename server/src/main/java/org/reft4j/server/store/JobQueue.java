package org.reft4j.server.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.generic.GenericType;

/**
 * The jobs as those see them who work on them: who may take which, for how long, and what becomes of a job whose worker is gone. A lease is
 * three columns of the job's row; its times are those of the database, so that machines need not agree on the time.
 */
public final class JobQueue {
    private static final String NOW = "now_ms";

    private final Jdbi jdbi;
    private final String now;

    public JobQueue(Database database) {
        this.jdbi = database.jdbi();
        this.now = clock(jdbi);
    }

    /** The database's own time in milliseconds, as an expression. */
    static String clock(Jdbi jdbi) {
        String product = jdbi.withHandle(handle -> {
            try {
                return handle.getConnection().getMetaData().getDatabaseProductName();
            } catch (SQLException e) {
                throw new IllegalStateException("the database does not say its name", e);
            }
        });
        return product.equals("SQLite")
                ? "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
                : "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
    }

    /**
     * Takes the next job of the queue.
     *
     * @param machine begins the owner's name, up to a colon
     * @param owner of the lease; a name that no worker had before
     * @param most number of jobs that the machine works on at once
     * @return empty if none waits, another took it first, or the machine has enough to do
     */
    public Optional<Job> claim(String machine, String owner, Duration lease, int most) {
        return next().flatMap(next -> claim(next, machine, owner, lease, most));
    }

    /** A job that is the next one of the queue. */
    public record Waiting(String id, int attempt, long memoryBytes) {}

    /** The job whose turn it is; empty if none waits. */
    public Optional<Waiting> next() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM jobs WHERE status = 'queued' ORDER BY queued_ms, id LIMIT 1")
                .map((row, _) -> new Waiting(row.getString("id"), row.getInt("attempt"), row.getLong("memory_bytes")))
                .findOne());
    }

    /** Bytes that the running jobs of a machine are planned to take, by id. */
    public Map<String, Long> planned(String machine) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        SELECT id, memory_bytes FROM jobs WHERE status = 'running' AND lease_owner LIKE :machine
                        AND lease_until_ms >= <now_ms>""")
                .define(NOW, now)
                .bind("machine", machine + ":%")
                .setMapKeyColumn("id")
                .setMapValueColumn("memory_bytes")
                .collectInto(new GenericType<Map<String, Long>>() {}));
    }

    /** Says what the next job waits for, once for each thing in each of its tries. */
    public void waits(Waiting next, String what) {
        jdbi.useTransaction(handle -> JobEvents.append(
                handle,
                next.id(),
                JobEvent.Draft.info("The job waits for " + what)
                        .once("waits " + next.attempt() + " " + what.split(":", 2)[0])));
    }

    /** Takes a job that is {@link #next}, if it still is. */
    public Optional<Job> claim(Waiting next, String machine, String owner, Duration lease, int most) {
        return jdbi.inTransaction(handle -> {
            List<Job> claimed = handle.createQuery("""
                            UPDATE jobs SET status = 'running', lease_owner = :owner, lease_until_ms = <now_ms> + :lease,
                                attempt = attempt + 1, started_ms = coalesce(started_ms, <now_ms>)
                            WHERE status = 'queued' AND id = :next
                            AND id = (SELECT id FROM jobs WHERE status = 'queued' ORDER BY queued_ms, id LIMIT 1)
                            AND (SELECT count(*) FROM jobs WHERE status = 'running' AND lease_owner LIKE :machine
                                AND lease_until_ms >= <now_ms>) < :most
                            RETURNING *""")
                    .define(NOW, now)
                    .bind("next", next.id())
                    .bind("owner", owner)
                    .bind("lease", lease.toMillis())
                    .bind("machine", machine + ":%")
                    .bind("most", most)
                    .map(Job::read)
                    .list();
            claimed.forEach(job -> JobEvents.append(
                    handle,
                    job.id(),
                    job.attempt() == 1
                            ? JobEvent.Draft.info("Fine-tuning job started")
                            : JobEvent.Draft.info("Fine-tuning job goes on, attempt " + job.attempt())));
            return claimed.stream().findFirst();
        });
    }

    /** Takes a job whose files are still to be checked. */
    public Optional<Job> claimUnchecked(String owner, Duration lease) {
        return jdbi.inTransaction(handle -> handle
                .createQuery("""
                        UPDATE jobs SET lease_owner = :owner, lease_until_ms = <now_ms> + :lease
                        WHERE status = 'validating_files' AND lease_owner IS NULL
                        AND id = (SELECT id FROM jobs WHERE status = 'validating_files' AND lease_owner IS NULL
                            ORDER BY created_ms, id LIMIT 1)
                        RETURNING *""")
                .define(NOW, now)
                .bind("owner", owner)
                .bind("lease", lease.toMillis())
                .map(Job::read)
                .list()
                .stream()
                .findFirst());
    }

    /** The jobs whose workers have not been heard of for too long. */
    public List<Job> expired() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM jobs WHERE lease_owner IS NOT NULL AND lease_until_ms < <now_ms> ORDER BY id")
                .define(NOW, now)
                .map(Job::read)
                .list());
    }

    /**
     * Says that a worker is gone. Its job is queued again, at its old place, and goes on from its checkpoint; after too many workers that
     * died without a new checkpoint it fails.
     *
     * @param owner of the lease
     * @param onlyExpired true if the worker may still be there: then it counts as gone only if its lease has run out
     * @param most workers that may die so
     * @param reason half a sentence, such as {@code it was killed by signal 9}
     * @return false if the job is not that worker's any more
     */
    public boolean lost(String job, String owner, boolean onlyExpired, int most, String reason) {
        return jdbi.inTransaction(handle -> {
            List<Job> changed = handle.createQuery("UPDATE jobs SET lost = lost + 1, lease_owner = NULL,"
                            + " lease_until_ms = NULL WHERE id = :id AND lease_owner = :owner"
                            + (onlyExpired ? " AND lease_until_ms < <now_ms>" : "") + " RETURNING *")
                    .define(NOW, now)
                    .bind("id", job)
                    .bind("owner", owner)
                    .map(Job::read)
                    .list();
            if (changed.isEmpty()) {
                return false;
            }
            Job there = changed.getFirst();
            if (there.lost() >= most) {
                String message = "the job's worker died " + there.lost()
                        + " times without a new checkpoint, the last time because "
                        + reason
                        + "; see worker.log in the job's folder, and create the job again with less memory or smaller"
                        + " batches if it ran out of memory";
                handle.createUpdate("""
                                UPDATE jobs SET status = 'failed', wish = NULL, error_code = 'worker_lost',
                                    error_message = :message, finished_ms = <now_ms> WHERE id = :id""")
                        .define(NOW, now)
                        .bind("message", message)
                        .bind("id", job)
                        .execute();
                JobEvents.append(handle, job, JobEvent.Draft.error("The job failed: " + message));
            } else if (there.status() == JobStatus.RUNNING) {
                boolean pauses = there.wish().filter(Job.Wish.PAUSE::equals).isPresent();
                handle.execute(
                        "UPDATE jobs SET status = ?, wish = NULL WHERE id = ?", pauses ? "paused" : "queued", job);
                JobEvents.append(
                        handle,
                        job,
                        JobEvent.Draft.warn("The job's worker is gone (" + reason + "); the job "
                                + (pauses ? "is paused" : "is queued again")
                                + " and goes on from its last checkpoint"));
            }
            return true;
        });
    }

    /** Number of jobs that wait or have a worker. */
    public int open() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT count(*) FROM jobs WHERE status IN ('validating_files', 'queued', 'running')")
                .mapTo(Integer.class)
                .one());
    }
}
