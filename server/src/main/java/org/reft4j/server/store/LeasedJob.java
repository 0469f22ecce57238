package org.reft4j.server.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * A job in the hands of the worker that holds its lease. Whatever is written here is written only while it does; afterwards every method
 * throws {@link LeaseLostException}. A database that does not answer is asked again until the lease has run out.
 */
public final class LeasedJob {
    private static final long PAUSE_MS = 200;
    private static final String MINE = " WHERE id = :id AND lease_owner = :owner";
    private static final String RELEASED = ", wish = NULL, lease_owner = NULL, lease_until_ms = NULL";

    private final Jdbi jdbi;
    private final String now;
    private final String job;
    private final String owner;
    private final Duration lease;
    private volatile long validUntil;

    /** @param lease from each renewal on */
    public LeasedJob(Database database, String job, String owner, Duration lease) {
        this.jdbi = database.jdbi();
        this.now = JobQueue.clock(jdbi);
        this.job = job;
        this.owner = owner;
        this.lease = lease;
        this.validUntil = System.nanoTime() + lease.toNanos();
    }

    /** True while the lease is certain to hold. */
    public boolean valid() {
        return System.nanoTime() - validUntil < 0;
    }

    /** Moves the end of the lease on, and says what the owner of the job wants. */
    public Optional<Job.Wish> renew() {
        return within(handle -> {
            long asked = System.nanoTime();
            List<Job> there = handle.createQuery(
                            "UPDATE jobs SET lease_until_ms = <now_ms> + :lease" + MINE + " RETURNING *")
                    .define("now_ms", now)
                    .bind("lease", lease.toMillis())
                    .bind("id", job)
                    .bind("owner", owner)
                    .map(Job::read)
                    .list();
            if (there.isEmpty()) {
                throw lost();
            }
            validUntil = asked + lease.toNanos();
            return there.getFirst().wish();
        });
    }

    /** The job as it is now. */
    public Job read() {
        return within(handle -> Jobs.found(handle, job));
    }

    /** The files and settings are in order: moves the job to the queue. */
    public void checked(ObjectNode hyperparameters, ObjectNode settings, List<JobEvent.Draft> events) {
        checked(hyperparameters, settings, 0, events);
    }

    /** @param memoryBytes that the run is planned to take; 0 if it is not known */
    public void checked(
            ObjectNode hyperparameters, ObjectNode settings, long memoryBytes, List<JobEvent.Draft> events) {
        within(handle -> {
            set(
                    handle,
                    "status = 'queued', hyperparameters = :hyperparameters, settings = :settings,"
                            + " memory_bytes = :memory" + RELEASED,
                    update -> update.bind("hyperparameters", hyperparameters.toString())
                            .bind("settings", settings.toString())
                            .bind("memory", memoryBytes));
            events.forEach(event -> JobEvents.append(handle, job, event));
            return true;
        });
    }

    /** Stores an event. */
    public void tell(JobEvent.Draft event) {
        within(handle -> {
            set(handle, "step = step", update -> update);
            JobEvents.append(handle, job, event);
            return true;
        });
    }

    /**
     * Stores that a step is done.
     *
     * @param tokens trained on so far
     * @param seconds of training so far
     * @return what the owner of the job wants
     */
    public Optional<Job.Wish> stepped(int step, int steps, long tokens, double seconds, List<JobEvent.Draft> events) {
        return within(handle -> {
            set(
                    handle,
                    "step = :step, steps = :steps, trained_tokens = :tokens, trained_seconds = :seconds",
                    update -> update.bind("step", step)
                            .bind("steps", steps)
                            .bind("tokens", tokens)
                            .bind("seconds", seconds));
            events.forEach(event -> JobEvents.append(handle, job, event));
            return Jobs.found(handle, job).wish();
        });
    }

    /** Makes the file with the job's figures known, as the job's and among all files: a worker that is killed leaves both or neither. */
    public void results(StoredFile file) {
        within(handle -> {
            set(handle, "result_file = :file", update -> update.bind("file", file.id()));
            StoredFiles.insert(handle, file);
            return true;
        });
    }

    /** The job has got further: workers that died before do not count any more. */
    public void safe() {
        within(handle -> {
            set(handle, "lost = 0", update -> update);
            return true;
        });
    }

    /** Adds or replaces a model, and forgets others. */
    public void keep(JobModel model, List<JobModel> forgotten, JobEvent.@Nullable Draft event) {
        within(handle -> {
            set(handle, "lost = 0", update -> update);
            JobModels.put(handle, model);
            forgotten.forEach(each -> handle.execute("DELETE FROM job_models WHERE name = ?", each.name()));
            if (event != null) {
                JobEvents.append(handle, job, event);
            }
            return true;
        });
    }

    /** The checkpoints that are kept. */
    public List<JobModel> checkpoints() {
        return within(handle -> JobModels.checkpoints(handle, job, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    /** The run has stopped in order: pauses the job if its owner asked for that, and queues it again otherwise. */
    public void stopped(String words) {
        within(handle -> {
            set(
                    handle,
                    "status = CASE wish WHEN 'PAUSE' THEN 'paused' ELSE 'queued' END,"
                            + " queued_ms = CASE wish WHEN 'RESUME' THEN <now_ms> ELSE queued_ms END, lost = 0"
                            + RELEASED,
                    update -> update);
            JobEvents.append(handle, job, JobEvent.Draft.info(words));
            return true;
        });
    }

    /** The job has succeeded. */
    public void succeeded(JobModel model, List<JobEvent.Draft> events) {
        within(handle -> {
            set(
                    handle,
                    "status = 'succeeded', fine_tuned_model = :model, finished_ms = <now_ms>" + RELEASED,
                    update -> update.bind("model", model.name()));
            JobModels.put(handle, model);
            events.forEach(event -> JobEvents.append(handle, job, event));
            return true;
        });
    }

    /** The job has failed, for a reason that another try would meet again. */
    public void failed(Job.Failure failure) {
        within(handle -> {
            set(
                    handle,
                    "status = 'failed', error_code = :code, error_message = :message, error_param = :param,"
                            + " finished_ms = <now_ms>" + RELEASED,
                    update -> update.bind("code", failure.code())
                            .bind("message", failure.message())
                            .bind("param", failure.param()));
            JobEvents.append(handle, job, JobEvent.Draft.error("The job failed: " + failure.message()));
            return true;
        });
    }

    private void set(Handle handle, String assignments, Function<Update, Update> values) {
        int changed = values.apply(handle.createUpdate("UPDATE jobs SET " + assignments + MINE)
                        .define("now_ms", now)
                        .bind("id", job)
                        .bind("owner", owner))
                .execute();
        if (changed == 0) {
            throw lost();
        }
    }

    private LeaseLostException lost() {
        return new LeaseLostException("job " + job + " is not this worker's any more");
    }

    private <T> T within(Function<Handle, T> work) {
        while (true) {
            try {
                return jdbi.inTransaction(work::apply);
            } catch (JdbiException e) {
                if (!valid()) {
                    throw new LeaseLostException("the database does not answer: " + e.getMessage(), e);
                }
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LeaseLostException("interrupted while the database did not answer", e);
            }
        }
    }
}
