package org.reft4j.train.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A run on disk before it is opened: the state that a recipe would resume from. Collects warnings and writes nothing. */
public final class FoundRun implements Run {
    private final Path folder;
    private final List<Checkpoint> checkpoints;
    private final List<String> warnings = new ArrayList<>();

    private FoundRun(Path folder, List<Checkpoint> checkpoints) {
        this.folder = folder;
        this.checkpoints = checkpoints;
    }

    /** The run of a folder, which need not be there yet. */
    static FoundRun in(Path folder) {
        return new FoundRun(folder, Checkpoints.list(folder.resolve(RunFolder.CHECKPOINTS)));
    }

    /** The warnings so far. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public Optional<Checkpoint> latest() {
        return checkpoints.isEmpty() ? Optional.empty() : Optional.of(checkpoints.getLast());
    }

    @Override
    public Optional<Checkpoint> best() {
        return Checkpoints.best(checkpoints);
    }

    @Override
    public void emit(RunEvent event) {
        if (event instanceof RunEvent.Warned warned) {
            warnings.add(warned.message());
        }
    }

    @Override
    public boolean stopRequested() {
        return false;
    }

    @Override
    public Checkpoint checkpoint(int step, double score, Contents contents) {
        throw new UnsupportedOperationException("a run that is only looked at keeps no checkpoint");
    }

    @Override
    public Path folder() {
        return folder;
    }
}
