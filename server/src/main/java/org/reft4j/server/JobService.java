package org.reft4j.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.openai.EvalRoutes;
import org.reft4j.server.openai.GraderForms;
import org.reft4j.server.openai.GraderRuns;
import org.reft4j.server.openai.JobPlans;
import org.reft4j.server.openai.JobPreparation;
import org.reft4j.server.openai.JobRoutes;
import org.reft4j.server.openai.NamedModels;
import org.reft4j.server.openai.PermissionRoutes;
import org.reft4j.server.store.CheckpointPermissions;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.JobEvents;
import org.reft4j.server.store.JobModels;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.server.worker.EndedJobs;
import org.reft4j.server.worker.Supervisor;
import org.reft4j.server.worker.Tenant;
import org.reft4j.server.worker.WorkerSettings;

/**
 * All that trains: jobs, graders, and the supervisor that works on the jobs of a database. A server has one; a machine that only trains has
 * one too, with the same database and data folder, and no routes.
 */
public final class JobService implements AutoCloseable {
    private final Path data;
    private final Database database;
    private final StoredFiles files;
    private final NamedModels models;
    private final GraderForms forms;
    private final GraderRuns graders;
    private final JobPlans plans;
    private final Supervisor supervisor;
    private final EndedJobs ended;
    private @Nullable Database owned;

    private JobService(Path data, ServerSettings settings, Database database, StoredFiles files, Tenant engine) {
        this.data = data;
        this.database = database;
        this.files = files;
        this.models = new NamedModels(data, settings.models(), new JobModels(database));
        ServerSettings.Graders judged = settings.graders();
        this.forms = new GraderForms(judged.models(), judged.lambdas(), judged.privateAddresses());
        this.graders = new GraderRuns(forms);
        ServerSettings.Training training = settings.jobs();
        WorkerSettings worker = new WorkerSettings(
                data,
                Optional.ofNullable(settings.database()),
                training.atOnce(),
                Duration.ofSeconds(training.leaseSeconds()),
                training.tries(),
                training.java(),
                training.memoryBytes(),
                settings.limits().room());
        JobPreparation preparation = new JobPreparation(
                data, files, models, forms, graders, training.atOnce() > 0 ? worker.mostBytes() : 0);
        this.plans = new JobPlans(data, preparation, training.java());
        this.supervisor = new Supervisor(worker, database, engine, preparation);
        ServerSettings.Keep keep = settings.keep();
        this.ended = new EndedJobs(
                data, database, Duration.ofDays(keep.runsDays()), Duration.ofDays(keep.checkpointsDays()));
    }

    /**
     * Begins to work on jobs.
     *
     * @param engine somebody else on this machine who takes memory
     */
    public static JobService start(
            Path data, ServerSettings settings, Database database, StoredFiles files, Tenant engine) {
        return new JobService(data, settings, database, files, engine);
    }

    /** The same on a machine that serves nothing: opens the database and closes it. */
    public static JobService alone(Path data, ServerSettings settings) throws IOException {
        Database database = Server.database(data, settings);
        try {
            StoredFiles files = new StoredFiles(database, data.resolve("files"), new Room(0, 0));
            JobService service = start(data, settings, database, files, Tenant.NONE);
            service.owned = database;
            return service;
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** The models that callers can name. */
    public NamedModels models() {
        return models;
    }

    /** Who works on jobs. */
    public Supervisor supervisor() {
        return supervisor;
    }

    /** Deletes what is kept of jobs for some time only. */
    void sweep() throws IOException {
        ended.sweep();
    }

    List<Map<String, Endpoint>> handlers() {
        Jobs jobs = new Jobs(database);
        JobRoutes.Tables tables = new JobRoutes.Tables(jobs, new JobEvents(database), new JobModels(database));
        return List.of(
                new JobRoutes(tables, files, models, forms, graders, supervisor::nudge).handlers(),
                graders.handlers(),
                plans.handlers(),
                new PermissionRoutes(new CheckpointPermissions(database), models).handlers(),
                new EvalRoutes(data, jobs).handlers());
    }

    @Override
    public void close() {
        supervisor.close();
        graders.close();
        if (owned != null) {
            owned.close();
        }
    }
}
