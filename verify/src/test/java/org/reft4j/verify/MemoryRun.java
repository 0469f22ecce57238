package org.reft4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** A run that keeps its metrics and completions in memory and its checkpoints nowhere. */
final class MemoryRun implements Run {
    private final Path folder;
    private final Consumer<RunEvent> watcher;
    private final List<Map<String, Double>> steps = new ArrayList<>();
    private final List<List<String>> completions = new ArrayList<>();

    MemoryRun(Path folder, Consumer<RunEvent> watcher) {
        this.folder = folder;
        this.watcher = watcher;
    }

    /** The metrics of each step. */
    List<Map<String, Double>> steps() {
        return steps;
    }

    /** The completions of each step; empty for recipes that do not sample. */
    List<List<String>> completions() {
        return completions;
    }

    @Override
    public Optional<Checkpoint> latest() {
        return Optional.empty();
    }

    @Override
    public Optional<Checkpoint> best() {
        return Optional.empty();
    }

    @Override
    public void emit(RunEvent event) {
        if (event instanceof RunEvent.Stepped stepped) {
            steps.add(stepped.metrics());
        }
        if (event instanceof RunEvent.RolledOut rolled) {
            completions.add(
                    rolled.rollouts().stream().map(KeptRollout::completion).toList());
        }
        watcher.accept(event);
    }

    @Override
    public boolean stopRequested() {
        return false;
    }

    @Override
    public Checkpoint checkpoint(int step, double score, Contents contents) {
        return new Checkpoint(step, folder, score);
    }

    @Override
    public Path folder() {
        return folder;
    }
}
