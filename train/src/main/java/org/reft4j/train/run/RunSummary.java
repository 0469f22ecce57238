package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.train.run.Run.Checkpoint;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;

/**
 * Summary of a run, finished or not: the figures that people look at first.
 *
 * @param recipe such as {@code reft}
 * @param model the starting model
 * @param data the training data
 * @param steps number of steps done
 * @param reward mean reward of the completions; empty if none were sampled
 * @param baseline the evaluation on validation before the first step; empty if there was none
 * @param best the evaluation of the best checkpoint
 * @param last the newest evaluation
 * @param seconds time of training and evaluations, added up over all interruptions
 * @param sampled number of tokens sampled in training
 * @param trained number of tokens trained on, if the recipe counts them
 */
public record RunSummary(
        String recipe,
        String model,
        String data,
        int steps,
        Optional<Reward> reward,
        Optional<Measured> baseline,
        Optional<Measured> best,
        Optional<Measured> last,
        double seconds,
        long sampled,
        long trained) {
    /** Number of steps averaged at either end, if there are enough; single steps are noisy. */
    private static final int AVERAGED = 5;

    /**
     * The mean reward at both ends.
     *
     * @param over number of steps averaged at each end
     */
    public record Reward(double first, double last, int over) {
        static Optional<Reward> of(List<Point> points) {
            if (points.isEmpty()) {
                return Optional.empty();
            }
            int over = points.size() < 4 * AVERAGED ? 1 : AVERAGED;
            return Optional.of(new Reward(
                    mean(points.subList(0, over)), mean(points.subList(points.size() - over, points.size())), over));
        }

        private static double mean(List<Point> points) {
            return points.stream().mapToDouble(Point::value).average().orElse(Double.NaN);
        }
    }

    /** Reads the figures of a run. */
    public static RunSummary of(RunReader run) {
        Map<String, String> settings = run.settings();
        Map<String, List<Point>> metrics = run.metrics();
        List<Measured> measured =
                run.evaluations().stream().filter(Measured::validates).toList();
        int best = run.best().map(Checkpoint::step).orElse(-1);
        return new RunSummary(
                settings.getOrDefault("recipe", ""),
                model(settings),
                data(settings),
                metrics.values().stream()
                        .mapToInt(points -> points.getLast().step())
                        .max()
                        .orElse(0),
                Reward.of(metrics.getOrDefault("reward", List.of())),
                measured.stream().filter(each -> each.step() == 0).findFirst(),
                measured.stream().filter(each -> each.step() == best).findFirst(),
                measured.stream().reduce((_, last) -> last),
                seconds(run.folder()),
                sampled(run, metrics),
                (long) sum(metrics.getOrDefault("tokens", List.of())));
    }

    private static String model(Map<String, String> settings) {
        String path = settings.get("model.path");
        return path != null
                ? path
                : "new, " + settings.getOrDefault("model.new.layers", "?") + " layers of width "
                        + settings.getOrDefault("model.new.width", "?");
    }

    private static String data(Map<String, String> settings) {
        return settings.getOrDefault("data.path", settings.getOrDefault("data.dataset", ""));
    }

    /** Steps and measurements both have their seconds. */
    private static double seconds(Path folder) {
        return LineFile.read(folder.resolve(Recording.TIMINGS)).stream()
                .map(line -> line.path("seconds"))
                .filter(JsonNode::isNumber)
                .mapToDouble(JsonNode::doubleValue)
                .sum();
    }

    private static long sampled(RunReader run, Map<String, List<Point>> metrics) {
        Map<Integer, Double> lengths = new TreeMap<>();
        metrics.getOrDefault("length-mean", List.of()).forEach(point -> lengths.put(point.step(), point.value()));
        return Math.round(run.rolloutCounts().entrySet().stream()
                .mapToDouble(entry -> entry.getValue() * lengths.getOrDefault(entry.getKey(), 0.0))
                .sum());
    }

    private static double sum(List<Point> points) {
        return points.stream().mapToDouble(Point::value).sum();
    }
}
