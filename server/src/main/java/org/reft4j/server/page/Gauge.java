package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A figure of a run's health, the mean of its last steps, beside the range in which it is normal.
 *
 * @param id of its chart
 * @param normal such as {@code up to 10 %}
 * @param odd true if it is out of that range
 * @param advice what to do then; empty while it is normal
 */
record Gauge(String id, String name, String value, String normal, boolean odd, String advice) {
    private static final int RECENT = 10;
    private static final double MANY_SAME = 0.8;
    private static final double GROWN = 3;

    /**
     * A figure that is normal up to a bound.
     *
     * @param setting key of the configuration that sets another bound; empty for none
     */
    private record Bound(String id, String name, double most, boolean percent, String setting, String advice) {}

    private static final List<Bound> BOUNDS = List.of(
            new Bound(
                    "kl-sequence",
                    "KL to the reference",
                    50,
                    false,
                    "guards.kl-warn",
                    "The model has moved far from where it began. Lower the learning rate, or raise the weight of the KL penalty."),
            new Bound(
                    "clip-fraction",
                    "Clipped tokens",
                    0.3,
                    true,
                    "",
                    "Updates are held back often: they are too large. Lower the learning rate or the number of updates a step."),
            new Bound(
                    "truncated",
                    "Cut off",
                    0.2,
                    true,
                    "",
                    "Many completions reach the limit of tokens and lose their answer. Raise rollout.max-total-tokens, or teach"
                            + " the model to end."),
            new Bound(
                    "logprob-gap-p999",
                    "Sampling against training",
                    0.5,
                    false,
                    "guards.logprob-gap",
                    "The probabilities of sampling and of training differ, so the model learns from samples that are not quite its"
                            + " own. Compute in float32."),
            new Bound(
                    "grade-latency-mean",
                    "Grader, seconds",
                    1,
                    false,
                    "",
                    "Grading takes long. Let more graders run at once, or make the grader faster."),
            new Bound(
                    "failed",
                    "Grader errors",
                    0.02,
                    true,
                    "",
                    "The grader fails on some completions, which then teach nothing. The rollouts graded “failed” say why."));

    /** Those that were measured. */
    static List<Gauge> of(Snapshot run) {
        Map<String, String> settings = run.settings();
        List<Gauge> gauges = new ArrayList<>();
        BOUNDS.forEach(bound -> most(gauges, run, bound, setting(settings, bound.setting(), bound.most())));
        entropy(gauges, run, setting(settings, "guards.entropy-warn", 0.005));
        length(gauges, run);
        lessons(gauges, run);
        return gauges;
    }

    private static void entropy(List<Gauge> gauges, Snapshot run, double least) {
        double entropy = run.recent("entropy", RECENT);
        if (!Double.isNaN(entropy)) {
            gauges.add(of(
                    "entropy",
                    "Entropy",
                    Text.number(entropy),
                    Text.number(least) + " or more",
                    entropy < least,
                    "It writes the same every time, so there is nothing left to choose from. Raise the sampling temperature, or"
                            + " go back to an earlier checkpoint."));
        }
    }

    private static void length(List<Gauge> gauges, Snapshot run) {
        double start = run.early("length-mean", RECENT);
        double now = run.recent("length-mean", RECENT);
        if (!Double.isNaN(now)) {
            gauges.add(
                    of(
                            "length-mean",
                            "Length, tokens",
                            Text.number(now),
                            "up to " + Text.number(GROWN * start) + ", three times the start",
                            now > GROWN * start,
                            "Answers have grown threefold. See whether the reward pays for length, and read the longest rollouts."));
        }
    }

    private static void lessons(List<Gauge> gauges, Snapshot run) {
        if (!run.sameRewards().isEmpty()) {
            List<Double> shares = List.copyOf(run.sameRewards().values());
            double same = shares.subList(Math.max(0, shares.size() - RECENT), shares.size()).stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(0);
            gauges.add(of(
                    "same-rewards",
                    "Questions without a lesson",
                    Text.percent(same),
                    "up to " + Text.percent(MANY_SAME),
                    same > MANY_SAME,
                    "For most questions all completions are paid the same, so nothing tells a better one from a worse. Ask"
                            + " questions that are neither too easy nor too hard, or take more samples."));
        }
    }

    private static Gauge of(String id, String name, String value, String normal, boolean odd, String advice) {
        return new Gauge(id, name, value, normal, odd, odd ? advice : "");
    }

    private static void most(List<Gauge> gauges, Snapshot run, Bound bound, double most) {
        double value = run.recent(bound.id(), RECENT);
        if (!Double.isNaN(value)) {
            gauges.add(of(
                    bound.id(),
                    bound.name(),
                    bound.percent() ? Text.percent(value) : Text.number(value),
                    "up to " + (bound.percent() ? Text.percent(most) : Text.number(most)),
                    value > most,
                    bound.advice()));
        }
    }

    private static double setting(Map<String, String> settings, String key, double preset) {
        try {
            return Double.parseDouble(
                    settings.getOrDefault(key, Double.toString(preset)).toLowerCase(Locale.ROOT));
        } catch (NumberFormatException _) {
            return preset;
        }
    }
}
