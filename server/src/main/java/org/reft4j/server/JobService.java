package org.reft4j.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.server.http.Handler;
import org.reft4j.server.openai.EvalRoutes;
import org.reft4j.server.openai.GraderForms;
import org.reft4j.server.openai.GraderRuns;
import org.reft4j.server.openai.JobPreparation;
import org.reft4j.server.openai.JobRoutes;
import org.reft4j.server.openai.ModelPlaces;
import org.reft4j.server.openai.PermissionRoutes;
import org.reft4j.server.store.CheckpointPermissions;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.JobEvents;
import org.reft4j.server.store.JobModels;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.server.worker.Supervisor;
import org.reft4j.server.worker.WorkerSettings;

/**
 * All that trains: jobs, graders, and the supervisor that works on the jobs of a database. A server has one; a machine that only trains has
 * one too, with the same database and data folder, and no routes.
 */
public final class JobService implements AutoCloseable {
    private final Path data;
    private final Database database;
    private final StoredFiles files;
    private final ModelPlaces models;
    private final GraderForms forms;
    private final GraderRuns graders;
    private final Supervisor supervisor;

    private JobService(Path data, ServerSettings settings, Database database, StoredFiles files) {
        this.data = data;
        this.database = database;
        this.files = files;
        this.models = new ModelPlaces(data, settings.models(), new JobModels(database));
        ServerSettings.Graders judged = settings.graders();
        this.forms = new GraderForms(judged.models(), judged.lambdas(), judged.privateAddresses());
        this.graders = new GraderRuns(forms);
        ServerSettings.Training training = settings.jobs();
        this.supervisor = new Supervisor(
                new WorkerSettings(
                        data,
                        Optional.ofNullable(settings.database()),
                        training.atOnce(),
                        Duration.ofSeconds(training.leaseSeconds()),
                        training.tries(),
                        training.java()),
                database,
                new JobPreparation(data, files, models, forms, graders));
    }

    /** Begins to work on jobs. */
    public static JobService start(Path data, ServerSettings settings, Database database, StoredFiles files) {
        return new JobService(data, settings, database, files);
    }

    /** The models that callers can name. */
    public ModelPlaces models() {
        return models;
    }

    /** Who works on jobs. */
    public Supervisor supervisor() {
        return supervisor;
    }

    List<Map<String, Handler>> handlers() {
        Jobs jobs = new Jobs(database);
        JobRoutes.Tables tables = new JobRoutes.Tables(jobs, new JobEvents(database), new JobModels(database));
        return List.of(
                new JobRoutes(tables, files, models, forms, graders, supervisor::nudge).handlers(),
                graders.handlers(),
                new PermissionRoutes(new CheckpointPermissions(database), models).handlers(),
                new EvalRoutes(data, jobs).handlers());
    }

    @Override
    public void close() {
        supervisor.close();
        graders.close();
    }
}
