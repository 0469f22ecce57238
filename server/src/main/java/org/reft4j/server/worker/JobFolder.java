package org.reft4j.server.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.reft4j.ground.files.DurableFiles;

/**
 * The folder of a job in the data folder: its data, its run, and the models that it leaves. Data and models are links to files that do not
 * change, so that they take no room of their own and outlive the file or the checkpoint that they were made from.
 */
public final class JobFolder {
    /** The folder in a checkpoint that only training reads. */
    private static final String TRAINER = "trainer";

    private final Path data;
    private final String job;

    /** @param data the service's data folder */
    public JobFolder(Path data, String job) {
        this.data = data.toAbsolutePath().normalize();
        this.job = job;
    }

    /** The data folder. */
    Path root() {
        return data;
    }

    String separator() {
        return data.getFileSystem().getSeparator();
    }

    public Path folder() {
        return data.resolve("jobs").resolve(job);
    }

    /** The folder of the run. */
    public Path run() {
        return folder().resolve("run");
    }

    /** Bytes of the run's newest checkpoint, so that the next one's are known about; 0 without one. */
    long checkpointBytes() {
        Path checkpoints = run().resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(checkpoints)) {
            Optional<Path> newest = all.filter(
                            each -> each.getFileName().toString().startsWith("step-"))
                    .max(Comparator.naturalOrder());
            return newest.isPresent() ? bytes(newest.get()) : 0;
        } catch (IOException | UncheckedIOException _) {
            return 0; // it is just leaving
        }
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(
                            each -> each.toFile().isFile() ? each.toFile().length() : 0)
                    .sum();
        }
    }

    /** The files that it learns from, in a folder. */
    Path data() {
        return folder().resolve("data");
    }

    /** Training questions, or pairs. */
    public Path trainingData() {
        return data().resolve("train.jsonl");
    }

    /** Validation questions, or pairs. */
    public Path validationData() {
        return data().resolve("validation.jsonl");
    }

    /** The worker's messages. */
    public Path log() {
        return folder().resolve("worker.log");
    }

    /** The figures of the steps, as they become a file of the service. */
    public Path results() {
        return folder().resolve("step_metrics.csv");
    }

    /** The folder of a model below the data folder, with slashes. */
    public String modelName(int step) {
        return String.format(Locale.ROOT, "jobs/%s/models/step-%06d", job, step);
    }

    /** The folder that {@link #modelName} or a row of the database names. */
    public Path model(String name) {
        return data.resolve(name);
    }

    /** Keeps a file of the service as this job's data. */
    public void takeData(Path file, Path as) throws IOException {
        Files.createDirectories(as.getParent());
        if (!Files.exists(as)) {
            link(file, as);
        }
    }

    /** Keeps the model of a checkpoint, without what only training reads; does nothing if it is there. */
    public void takeModel(Path checkpoint, String name) {
        Path target = model(name);
        if (Files.isDirectory(target)) {
            return;
        }
        try {
            Files.createDirectories(target.getParent());
            Path aside = DurableFiles.beside(target);
            linkTree(checkpoint, aside);
            DurableFiles.rename(aside, target);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the model of " + checkpoint, e);
        }
    }

    /** Deletes a model. */
    public void dropModel(String name) {
        try {
            DurableFiles.deleteTree(model(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + model(name), e);
        }
    }

    private static void linkTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (folder.equals(from.resolve(TRAINER))) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                link(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void link(Path file, Path as) throws IOException {
        try {
            Files.createLink(as, file);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException _) {
            // Another file system, or one without links.
            Path aside = DurableFiles.beside(as);
            Files.copy(file, aside);
            DurableFiles.rename(aside, as);
        }
    }
}
