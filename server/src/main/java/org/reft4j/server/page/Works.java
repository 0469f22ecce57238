package org.reft4j.server.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Caller;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunException;

/**
 * Jobs and runs: those of the tables, and every run folder below the data folder. Callers name them by ids of this list; no text of theirs
 * becomes a path.
 */
final class Works {
    /** A run in a folder of an experiment in a folder of runs. */
    private static final int DEPTH = 4;

    private static final int KEPT_SNAPSHOTS = 64;

    /** What the service keeps in the data folder: the runs of jobs are found by their tables only. */
    private static final Set<String> OWN = Set.of("files", "uploads", "jobs", "tinker", "logs");

    private final Path data;
    private final JobTable table;
    private final String shared;
    private final Map<Path, Snapshot> snapshots = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Snapshot> eldest) {
            return size() > KEPT_SNAPSHOTS;
        }
    });

    /**
     * @param data the folder that is searched for runs
     * @param shared the project whose callers see the runs of the command line; administrators do too
     */
    Works(Path data, JobTable table, String shared) {
        this.data = data;
        this.table = table;
        this.shared = shared;
    }

    /** All that the caller may see, the one that moved last first. */
    List<Work> all(Caller caller) {
        Map<String, Path> runs = runs();
        List<Work> works = new ArrayList<>();
        Map<Path, JobTable.Entry> ofJobs = new HashMap<>();
        for (JobTable.Entry job : table.list(caller.project())) {
            job.folder().ifPresent(folder -> ofJobs.put(folder.toAbsolutePath().normalize(), job));
            works.add(Work.of(job.id(), Optional.of(job), job.folder().flatMap(this::snapshot)));
        }
        if (seesRuns(caller)) {
            runs.forEach((id, folder) -> {
                if (!ofJobs.containsKey(folder)) {
                    snapshot(folder).ifPresent(run -> works.add(Work.of(id, Optional.empty(), Optional.of(run))));
                }
            });
        }
        works.sort(Comparator.comparing(Work::moved).reversed());
        return works;
    }

    /** @throws ApiError 404 if there is none, or it belongs to another project */
    Work find(Caller caller, String id) {
        Optional<JobTable.Entry> job = table.find(caller.project(), id);
        if (job.isPresent()) {
            return Work.of(id, job, job.get().folder().flatMap(this::snapshot));
        }
        return Optional.ofNullable(seesRuns(caller) ? runs().get(id) : null)
                .flatMap(this::snapshot)
                .map(run -> Work.of(id, Optional.empty(), Optional.of(run)))
                .orElseThrow(() -> ApiError.missing(
                        "job",
                        null,
                        "There is no job or run of this name; the list of jobs has those that there are."));
    }

    /** Its run. */
    Snapshot run(Caller caller, String id) {
        return find(caller, id)
                .snapshot()
                .orElseThrow(() -> ApiError.missing(
                        "job", null, "This job has not begun to train, so there is nothing to show yet."));
    }

    List<JobTable.Happening> events(String job, int limit) {
        return table.events(job, limit);
    }

    Map<String, String> checkpoints(String job) {
        return table.checkpoints(job);
    }

    /** What changes whenever the job does; cheap enough to ask for every second, for many. */
    String signature(Caller caller, Work work) {
        Optional<JobTable.Entry> job = table.find(caller.project(), work.id());
        Optional<Path> folder = job.flatMap(JobTable.Entry::folder)
                .or(() -> work.snapshot().map(run -> run.run().folder()));
        return job.map(JobTable.Entry::status).orElse("")
                + folder.map(Snapshot::signature).orElse("");
    }

    private boolean seesRuns(Caller caller) {
        return caller.role() == Caller.Role.ADMIN || caller.project().equals(shared);
    }

    private Optional<Snapshot> snapshot(Path folder) {
        try {
            Path real = folder.toAbsolutePath().normalize();
            Snapshot known = snapshots.get(real);
            if (known == null || !known.signature().equals(Snapshot.signature(real))) {
                known = Snapshot.of(real);
                snapshots.put(real, known);
            }
            return Optional.of(known);
        } catch (ConfigException | RunException | UncheckedIOException _) {
            return Optional.empty(); // half copied, or deleted since it was found
        }
    }

    /** The run folders by their id: the path below the data folder, with {@code ~} for a slash. */
    private Map<String, Path> runs() {
        Map<String, Path> runs = new TreeMap<>();
        Path root = data.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) {
            return runs;
        }
        try {
            Files.walkFileTree(root, EnumSet.noneOf(FileVisitOption.class), DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    if (folder.equals(root)) {
                        return FileVisitResult.CONTINUE;
                    }
                    String name = String.valueOf(folder.getFileName());
                    if (name.startsWith(".") || (root.equals(folder.getParent()) && OWN.contains(name))) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    if (Files.isRegularFile(folder.resolve("config.yaml"))) {
                        if (Files.isRegularFile(folder.resolve(Snapshot.METRICS))) {
                            runs.put(
                                    root.relativize(folder)
                                            .toString()
                                            .replace('\\', '/')
                                            .replace('/', '~'),
                                    folder);
                        }
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // not readable, or gone meanwhile
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for runs in " + root, e);
        }
        return runs;
    }
}
