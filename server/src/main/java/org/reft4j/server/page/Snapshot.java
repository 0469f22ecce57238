package org.reft4j.server.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.reft4j.train.run.Run.Checkpoint;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;
import org.reft4j.train.run.RunReader.Warning;
import org.reft4j.train.run.RunSummary;

/**
 * The figures of a run at one moment, read once for all pages that show them.
 *
 * @param signature changes whenever the run's records do
 * @param changed the time of the last record
 * @param steps number of steps that the run will have; 0 if that is not known
 * @param sameRewards by step, the share of questions whose completions were all paid the same
 * @param chosen the step of the checkpoint that validation chose
 */
record Snapshot(
        RunReader run,
        String signature,
        Instant changed,
        RunSummary summary,
        Map<String, String> settings,
        Map<String, List<Point>> metrics,
        Map<String, List<Point>> timings,
        List<Measured> evaluations,
        List<Warning> warnings,
        Optional<RunEvent.Outcome> outcome,
        int steps,
        Map<Integer, Double> sameRewards,
        List<Checkpoint> checkpoints,
        OptionalInt chosen) {
    static final String METRICS = "metrics.jsonl";
    private static final List<String> RECORDS = List.of(METRICS, "timings.jsonl", "checkpoints");

    static Snapshot of(Path folder) {
        String signature = signature(folder);
        RunReader run = RunReader.of(folder);
        return new Snapshot(
                run,
                signature,
                changed(folder),
                RunSummary.of(run),
                run.settings(),
                run.metrics(),
                run.timings(),
                run.evaluations(),
                run.warnings(),
                run.outcome(),
                run.steps(),
                run.sameRewards(),
                run.checkpoints(),
                run.best().map(best -> OptionalInt.of(best.step())).orElse(OptionalInt.empty()));
    }

    /** The sizes and times of the records; cheap to ask for, again and again. */
    static String signature(Path folder) {
        StringBuilder signature = new StringBuilder();
        for (String name : RECORDS) {
            Path file = folder.resolve(name);
            try {
                signature
                        .append(Files.size(file))
                        .append('@')
                        .append(Files.getLastModifiedTime(file).toMillis())
                        .append(' ');
            } catch (IOException _) {
                signature.append("- "); // not there yet
            }
        }
        return signature.toString().strip();
    }

    private static Instant changed(Path folder) {
        Instant newest = Instant.EPOCH;
        for (String name : RECORDS) {
            try {
                Instant time = Files.getLastModifiedTime(folder.resolve(name)).toInstant();
                newest = time.isAfter(newest) ? time : newest;
            } catch (IOException _) {
                // not there yet
            }
        }
        return newest;
    }

    /** The points of a metric or a timing; empty if it was never measured. */
    List<Point> points(String name) {
        return metrics.getOrDefault(name, timings.getOrDefault(name, List.of()));
    }

    /** The mean of the last points of a metric; NaN where there are none. */
    double recent(String name, int count) {
        List<Point> points = points(name);
        return mean(points.subList(Math.max(0, points.size() - count), points.size()));
    }

    /** The mean of the first points of a metric; NaN where there are none. */
    double early(String name, int count) {
        List<Point> points = points(name);
        return mean(points.subList(0, Math.min(count, points.size())));
    }

    static double mean(List<Point> points) {
        return points.stream().mapToDouble(Point::value).average().orElse(Double.NaN);
    }

    /** The evaluations on validation questions. */
    List<Measured> validation() {
        return evaluations.stream()
                .filter(each -> each.split().equals("validation") && each.total() > 0)
                .toList();
    }

    /** True if completions were sampled and paid. */
    boolean rewarded() {
        return !points("reward").isEmpty();
    }

    /** Seconds until the last step at the pace of the latest ones; NaN if that cannot be said. */
    double secondsLeft() {
        return steps <= summary.steps() ? Double.NaN : (steps - summary.steps()) * recent("seconds", 10);
    }
}
