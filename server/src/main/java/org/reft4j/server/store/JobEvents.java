package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Secrets;

/** The events of jobs, numbered in the order in which they happened. */
public final class JobEvents {
    private final Jdbi jdbi;

    public JobEvents(Database database) {
        this.jdbi = database.jdbi();
    }

    /**
     * Stores an event in the transaction of what it tells of. The job's row is locked by it, so that numbers have no gaps and follow the
     * order of what happened.
     */
    static void append(Handle handle, String job, JobEvent.Draft event) {
        handle.execute("UPDATE jobs SET events = events + 1 WHERE id = ?", job);
        if (event.once() != null
                && handle.createQuery("SELECT count(*) FROM job_events WHERE job_id = :job AND once = :once")
                                .bind("job", job)
                                .bind("once", event.once())
                                .mapTo(Integer.class)
                                .one()
                        > 0) {
            handle.execute("UPDATE jobs SET events = events - 1 WHERE id = ?", job);
            return;
        }
        ObjectNode data = event.data();
        handle.createUpdate("""
                        INSERT INTO job_events (job_id, number, id, created_ms, level, message, type, data, once)
                        SELECT :job, events, :id, :now, :level, :message, :type, :data, :once FROM jobs WHERE id = :job""")
                .bind("job", job)
                .bind("id", Secrets.id("ftevent-"))
                .bind("now", System.currentTimeMillis())
                .bind("level", event.level().word())
                .bind("message", event.message())
                .bind("type", data == null ? "message" : "metrics")
                .bind("data", data == null ? null : data.toString())
                .bind("once", event.once())
                .execute();
    }

    /** An event of a job. */
    public Optional<JobEvent> find(String job, String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM job_events WHERE job_id = :job AND id = :id")
                .bind("job", job)
                .bind("id", id)
                .map(JobEvent::read)
                .findOne());
    }

    /**
     * The events of a job, newest first.
     *
     * @param after the last one of the page before; {@code null} for the first page
     */
    public Page<JobEvent> list(String job, @Nullable JobEvent after, int limit) {
        return jdbi.withHandle(handle -> {
            Query query = handle.createQuery("SELECT * FROM job_events WHERE job_id = :job AND number < :before"
                            + " ORDER BY number DESC LIMIT :limit")
                    .bind("job", job)
                    .bind("before", after == null ? Long.MAX_VALUE : after.number())
                    .bind("limit", limit + 1);
            return Page.of(query.map(JobEvent::read).list(), limit);
        });
    }

    /** The events after a number, oldest first: what a watcher has not seen yet. */
    public List<JobEvent> since(String job, long number, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM job_events WHERE job_id = :job AND"
                        + " number > :number ORDER BY number LIMIT :limit")
                .bind("job", job)
                .bind("number", number)
                .bind("limit", limit)
                .map(JobEvent::read)
                .list());
    }

    /** The figures of all steps of a job, by step. */
    public List<ObjectNode> metrics(String job) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM job_events WHERE job_id = :job AND type = 'metrics' ORDER BY number")
                .bind("job", job)
                .map(JobEvent::read)
                .map(JobEvent::data)
                .list());
    }
}
