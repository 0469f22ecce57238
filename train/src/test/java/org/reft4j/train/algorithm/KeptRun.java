package org.reft4j.train.algorithm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** A run that keeps its events in memory and its checkpoints in a folder, and that can be stopped after a step. */
final class KeptRun implements Run {
    private final Path folder;
    private final int stopBehind;
    private final List<RunEvent.Stepped> steps = new ArrayList<>();
    private final List<KeptRollout> rollouts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private Optional<Checkpoint> latest = Optional.empty();

    KeptRun(Path folder) {
        this(folder, 0, Optional.empty());
    }

    /** @param stopBehind the step after which it requests a stop; 0 for none */
    KeptRun(Path folder, int stopBehind, Optional<Checkpoint> latest) {
        this.folder = folder;
        this.stopBehind = stopBehind;
        this.latest = latest;
    }

    @Override
    public Optional<Checkpoint> latest() {
        return latest;
    }

    @Override
    public Optional<Checkpoint> best() {
        return Optional.empty();
    }

    @Override
    public void emit(RunEvent event) {
        if (event instanceof RunEvent.Stepped stepped) {
            steps.add(stepped);
        }
        if (event instanceof RunEvent.Warned warned) {
            warnings.add(warned.message());
        }
        if (event instanceof RunEvent.RolledOut rolled) {
            rollouts.addAll(rolled.rollouts());
        }
    }

    @Override
    public boolean stopRequested() {
        return steps.size() == stopBehind;
    }

    @Override
    public Checkpoint checkpoint(int step, double score, Contents contents) {
        Path into = folder.resolve("step-" + step);
        try {
            Files.createDirectories(into);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        contents.write(into);
        Checkpoint made = new Checkpoint(step, into, score);
        latest = Optional.of(made);
        return made;
    }

    @Override
    public Path folder() {
        return folder;
    }

    List<RunEvent.Stepped> steps() {
        return steps;
    }

    List<KeptRollout> rollouts() {
        return rollouts;
    }

    List<String> warnings() {
        return warnings;
    }

    /** A metric in every step; NaN if a step does not have it. */
    List<Double> metric(String name) {
        return steps.stream()
                .map(step -> step.metrics().getOrDefault(name, Double.NaN))
                .toList();
    }
}
