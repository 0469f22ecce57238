package org.reft4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.tensor.Place;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** A run that keeps what it is told, its newest checkpoint, its time, and the most memory that was in use at its place. */
final class CheckRun implements Run {
    private final Path folder;
    private final Place place;
    private final int last;
    private final List<Map<String, Double>> steps = new ArrayList<>();
    private final List<List<String>> completions = new ArrayList<>();
    private final Map<String, Double> timings = new LinkedHashMap<>();
    private final long begin = System.nanoTime();
    private long end;
    private long mostBytes;
    private Optional<Checkpoint> newest;

    /**
     * @param last the step after which it asks to stop
     * @param newest the checkpoint to go on from
     */
    CheckRun(Path folder, Place place, int last, Optional<Checkpoint> newest) {
        this.folder = folder;
        this.place = place;
        this.last = last;
        this.newest = newest;
    }

    List<Map<String, Double>> steps() {
        return steps;
    }

    List<List<String>> completions() {
        return completions;
    }

    /** Seconds of the phases of the last step. */
    Map<String, Double> timings() {
        return timings;
    }

    long mostBytes() {
        return mostBytes;
    }

    double seconds() {
        return ((end == 0 ? System.nanoTime() : end) - begin) / 1e9;
    }

    CheckRun ended() {
        end = System.nanoTime();
        return this;
    }

    @Override
    public void emit(RunEvent event) {
        mostBytes = Math.max(mostBytes, place.memoryBytes() - place.availableBytes());
        if (event instanceof RunEvent.Stepped stepped) {
            steps.add(stepped.metrics());
            timings.clear();
            timings.putAll(stepped.timings());
        }
        if (event instanceof RunEvent.RolledOut rolled) {
            completions.add(
                    rolled.rollouts().stream().map(KeptRollout::completion).toList());
        }
    }

    @Override
    public boolean stopRequested() {
        return steps.size() >= last;
    }

    @Override
    public Checkpoint checkpoint(int step, double score, Contents contents) {
        Checkpoint checkpoint = new Checkpoint(step, folder.resolve("step-" + step), score);
        try {
            Files.createDirectories(checkpoint.folder());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + checkpoint.folder(), e);
        }
        contents.write(checkpoint.folder());
        newest = Optional.of(checkpoint);
        return checkpoint;
    }

    @Override
    public Optional<Checkpoint> latest() {
        return newest;
    }

    @Override
    public Optional<Checkpoint> best() {
        return newest;
    }

    @Override
    public Path folder() {
        return folder;
    }
}
