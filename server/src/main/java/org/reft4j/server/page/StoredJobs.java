package org.reft4j.server.page;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobEvents;
import org.reft4j.server.store.JobModels;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.worker.JobFolder;

/** The jobs of the tables, for the dashboard. */
public final class StoredJobs implements JobTable {
    private static final int LISTED = 500;
    private static final int CHECKPOINTS = 1000;

    private final Path data;
    private final Jobs jobs;
    private final JobEvents events;
    private final JobModels models;

    /** @param data the service's data folder */
    public StoredJobs(Path data, Database database) {
        this.data = data;
        this.jobs = new Jobs(database);
        this.events = new JobEvents(database);
        this.models = new JobModels(database);
    }

    @Override
    public List<Entry> list(String project) {
        return jobs.list(project, Jobs.Filter.ALL, null, LISTED).items().stream()
                .map(this::entry)
                .toList();
    }

    @Override
    public Optional<Entry> find(String project, String id) {
        return jobs.find(project, id).map(this::entry);
    }

    private Entry entry(Job job) {
        Path run = new JobFolder(data, job.id()).run();
        return new Entry(
                job.id(),
                job.shown().word(),
                job.method(),
                job.model(),
                Optional.ofNullable(job.body().path("suffix").textValue()),
                Instant.ofEpochMilli(job.createdMs()),
                time(job.startedMs()),
                time(job.finishedMs()),
                jobs.place(job).map(OptionalInt::of).orElse(OptionalInt.empty()),
                job.attempt(),
                job.failure().map(Job.Failure::message),
                job.fineTunedModel(),
                job.fineTunedModel()
                        .flatMap(name -> models.find(job.project(), name))
                        .map(model -> OptionalInt.of(model.step()))
                        .orElse(OptionalInt.empty()),
                Files.isDirectory(run) ? Optional.of(run) : Optional.empty(),
                job.body().toPrettyString());
    }

    /** Zero is what has not happened. */
    private static Optional<Instant> time(long ms) {
        return ms == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
    }

    @Override
    public List<Happening> events(String job, int limit) {
        return events.list(job, null, limit).items().stream()
                .map(event -> new Happening(
                        Instant.ofEpochMilli(event.createdMs()), event.level().word(), event.message()))
                .toList();
    }

    @Override
    public Map<String, String> checkpoints(String job) {
        Map<String, String> names = new HashMap<>();
        models.checkpoints(job, null, CHECKPOINTS)
                .items()
                .forEach(model -> names.put(Integer.toString(model.step()), model.name()));
        return names;
    }
}
