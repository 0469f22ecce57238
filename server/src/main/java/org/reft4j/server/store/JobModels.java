package org.reft4j.server.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The models that jobs leave: checkpoints, and at a job's end the one that it was for. */
public final class JobModels {
    private final Jdbi jdbi;

    public JobModels(Database database) {
        this.jdbi = database.jdbi();
    }

    /** A model of a project by its name. */
    public Optional<JobModel> find(String project, String name) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT * FROM job_models WHERE name = :name AND project = :project")
                        .bind("name", name)
                        .bind("project", project)
                        .map(JobModel::read)
                        .findOne());
    }

    /** The models of a project, newest first. */
    public List<JobModel> list(String project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT * FROM job_models WHERE project = :project ORDER BY created_ms DESC, name DESC")
                .bind("project", project)
                .map(JobModel::read)
                .list());
    }

    /** Forgets a model; its folder is the caller's. */
    public boolean delete(String project, String name) {
        return jdbi.withHandle(
                handle -> handle.execute("DELETE FROM job_models WHERE name = ? AND project = ?", name, project) > 0);
    }

    /** A checkpoint of a job. */
    public Optional<JobModel> checkpoint(String job, String id) {
        return checkpoints(job, null, Integer.MAX_VALUE - 1).items().stream()
                .filter(model -> model.id().equals(id))
                .findFirst();
    }

    /**
     * The checkpoints of a job, that of the latest step first.
     *
     * @param after the last one of the page before; {@code null} for the first page
     */
    public Page<JobModel> checkpoints(String job, @Nullable JobModel after, int limit) {
        return jdbi.withHandle(handle ->
                Page.of(checkpoints(handle, job, after == null ? Integer.MAX_VALUE : after.step(), limit + 1), limit));
    }

    /** The checkpoints of jobs that ended before a time, but for those that an open job begins from. */
    public List<JobModel> leftBefore(long ms) {
        return jdbi.withHandle(handle ->
                handle.createQuery("""
                        SELECT m.* FROM job_models m JOIN jobs j ON j.id = m.job_id
                        WHERE m.kind <> 'final' AND j.status IN ('succeeded', 'failed', 'cancelled')
                        AND j.finished_ms < :before
                        AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.model = m.name
                            AND o.status NOT IN ('succeeded', 'failed', 'cancelled'))""").bind("before", ms).map(JobModel::read).list());
    }

    static List<JobModel> checkpoints(Handle handle, String job, int before, int limit) {
        return handle.createQuery("SELECT * FROM job_models WHERE job_id = :job AND kind <> 'final' AND step < :before"
                        + " ORDER BY step DESC LIMIT :limit")
                .bind("job", job)
                .bind("before", before)
                .bind("limit", limit)
                .map(JobModel::read)
                .list();
    }

    static void put(Handle handle, JobModel model) {
        handle.execute("DELETE FROM job_models WHERE name = ?", model.name());
        handle.createUpdate("""
                        INSERT INTO job_models (name, id, job_id, project, created_ms, kind, step, score, metrics, folder)
                        VALUES (:name, :id, :job, :project, :created, :kind, :step, :score, :metrics, :folder)""")
                .bind("name", model.name())
                .bind("id", model.id())
                .bind("job", model.job())
                .bind("project", model.project())
                .bind("created", model.createdMs())
                .bind("kind", model.kind().word())
                .bind("step", model.step())
                .bind("score", model.score().isPresent() ? model.score().getAsDouble() : null)
                .bind("metrics", model.metrics().toString())
                .bind("folder", model.folder())
                .execute();
    }
}
