package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** The files that events go to. */
final class Recording implements AutoCloseable {
    static final String METRICS = "metrics.jsonl";
    static final String TIMINGS = "timings.jsonl";
    static final String TENSORBOARD = "tensorboard";

    private final LineFile metrics;
    private final LineFile timings;
    private final RolloutStore rollouts;
    private final TensorBoardFile board;

    private Recording(LineFile metrics, LineFile timings, RolloutStore rollouts, TensorBoardFile board) {
        this.metrics = metrics;
        this.timings = timings;
        this.rollouts = rollouts;
        this.board = board;
    }

    /** Opens or creates the files, cut back to {@code lastStep} (-1 for nothing). */
    static Recording open(Path folder, int lastStep) {
        RunHistory history = RunHistory.cut(folder, lastStep);
        Deque<Closing> opened = new ArrayDeque<>();
        try {
            LineFile metrics = LineFile.open(folder.resolve(METRICS));
            opened.push(metrics::close);
            LineFile timings = LineFile.open(folder.resolve(TIMINGS));
            opened.push(timings::close);
            RolloutStore rollouts = RolloutStore.open(folder.resolve(RolloutStore.FILE), lastStep);
            opened.push(rollouts::close);
            TensorBoardFile board =
                    TensorBoardFile.replace(folder.resolve(TENSORBOARD), Instant.now(), history::replay);
            return new Recording(metrics, timings, rollouts, board);
        } catch (RuntimeException e) {
            opened.forEach(Closing::close);
            throw e;
        }
    }

    /** Writes an event wherever it belongs; when this returns, readers see it. */
    void add(RunEvent event, Instant now) {
        switch (event) {
            case RunEvent.RolledOut rolledOut -> rollouts.add(rolledOut);
            case RunEvent.Evaluated evaluated -> rollouts.add(evaluated);
            default -> {}
        }
        EventLines.metrics(event).ifPresent(line -> {
            metrics.append(line);
            board.scalars(event.step(), now, RunHistory.tags(line));
        });
        EventLines.timings(event, now).ifPresent(line -> {
            timings.append(line);
            board.scalars(event.step(), now, RunHistory.tags(line));
        });
    }

    /** Checksums of all that is on record now; times are left out. */
    ObjectNode sums() {
        return RecordChecksums.of(metrics.sum(), rollouts.sum());
    }

    /** Brings everything to the disk; the TensorBoard file can be made again from the others. */
    void flush() {
        rollouts.flush();
        metrics.flush();
        timings.flush();
    }

    @Override
    public void close() {
        try (metrics;
                timings;
                rollouts;
                board) {
            flush();
        }
    }

    /** Closing one of several things that were opened. */
    @FunctionalInterface
    private interface Closing {
        void close();
    }
}
