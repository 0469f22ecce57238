package org.reft4j.train.learn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** A run that collects its events, and has neither folder nor checkpoints. */
public final class ToldRun implements Run {
    private final List<RunEvent> events = new ArrayList<>();

    public List<RunEvent> events() {
        return List.copyOf(events);
    }

    List<RunEvent.Warned> warnings() {
        return events.stream()
                .filter(RunEvent.Warned.class::isInstance)
                .map(RunEvent.Warned.class::cast)
                .toList();
    }

    void clear() {
        events.clear();
    }

    @Override
    public void emit(RunEvent event) {
        events.add(event);
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
    public boolean stopRequested() {
        return false;
    }

    @Override
    public Checkpoint checkpoint(int step, double score, Contents contents) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path folder() {
        throw new UnsupportedOperationException();
    }
}
