package org.reft4j.train.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All that a recipe sees of the run it is part of. Checkpoints are numbered by the steps completed: checkpoint {@code k} holds the state
 * before step {@code k + 1}; steps count from 1, and 0 is the start.
 */
public interface Run {
    /** The file that marks a checkpoint as one that stays. */
    String KEEP = "keep";

    /** The newest complete checkpoint, from which the run goes on; empty at the start. */
    Optional<Checkpoint> latest();

    /** The checkpoint with the highest score so far. */
    Optional<Checkpoint> best();

    /** Tells everyone who watches. Events of a step are kept only once the step's checkpoint or a later one exists after a crash. */
    void emit(RunEvent event);

    /** True if a stop was requested; checked between steps. */
    boolean stopRequested();

    /**
     * Writes a checkpoint under a temporary name, flushes it to disk and renames it; then deletes old ones, except the newest two, the
     * best, and those marked by {@link #keep}.
     *
     * @param score the score that the best is chosen by (validation accuracy); NaN if the model was not evaluated at this step
     */
    Checkpoint checkpoint(int step, double score, Contents contents);

    /** Takes note of the data that the run opened; a run that keeps files keeps this too. */
    default void opened(RunData data) {}

    /** The folder of the run's files. */
    Path folder();

    /**
     * Marks a checkpoint so that it is never deleted, by an empty file {@code keep} in its folder. A person may do the same.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    static void keep(Path checkpoint) {
        try {
            Files.write(checkpoint.resolve(KEEP), new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fills the folder of a checkpoint. */
    @FunctionalInterface
    interface Contents {
        void write(Path folder);
    }

    /**
     * A complete checkpoint.
     *
     * @param step steps completed
     * @param folder a plain Hugging Face folder with the trainer's state in {@code trainer/}
     * @param score validation accuracy, NaN if not measured
     */
    record Checkpoint(int step, Path folder, double score) {}
}
