package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
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

    private final Path folder;
    private LineFile metrics;
    private final LineFile timings;
    private final RolloutDatabase rollouts;
    private final TensorBoardFile board;

    private Recording(
            Path folder, LineFile metrics, LineFile timings, RolloutDatabase rollouts, TensorBoardFile board) {
        this.folder = folder;
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
            RolloutDatabase rollouts = RolloutDatabase.open(folder.resolve(RolloutDatabase.FILE), lastStep);
            opened.push(rollouts::close);
            TensorBoardFile board =
                    TensorBoardFile.replace(folder.resolve(TENSORBOARD), Instant.now(), history::replay);
            return new Recording(folder, metrics, timings, rollouts, board);
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

    /**
     * Records a new number of steps for a run that has already begun.
     *
     * @return true if the number has changed
     */
    boolean steps(int steps) {
        Path file = folder.resolve(METRICS);
        boolean other = LineFile.read(file).stream()
                .anyMatch(line -> started(line) && line.path("steps").asInt() != steps);
        if (other) {
            metrics.close();
            LineFile.rewrite(file, line -> started(line) ? line.put("steps", steps) : line);
            metrics = LineFile.open(file);
        }
        return other;
    }

    private static boolean started(JsonNode line) {
        return line.path("event").asText().equals(EventLines.STARTED);
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
        LineFile last = metrics;
        try (last;
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
