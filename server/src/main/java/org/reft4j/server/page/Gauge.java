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
    private static final double MANY_CUT = 0.2;
    private static final double MANY_CLIPPED = 0.3;
    private static final double SLOW_GRADER = 1;
    private static final double MANY_FAILED = 0.02;
    private static final double MANY_SAME = 0.8;
    private static final double GROWN = 3;

    /** Those that were measured. */
    static List<Gauge> of(Snapshot run) {
        Map<String, String> settings = run.settings();
        double kl = setting(settings, "guards.kl-warn", 50);
        double entropy = setting(settings, "guards.entropy-warn", 0.005);
        double gap = setting(settings, "guards.logprob-gap", 0.5);
        double length = run.early("length-mean", RECENT);
        List<Gauge> gauges = new ArrayList<>();
        most(gauges, run, "kl-sequence", "KL to the reference", kl, false,
                "The model has moved far from where it began. Lower the learning rate, or raise the weight of the KL penalty.");
        double undecided = run.recent("entropy", RECENT);
        if (!Double.isNaN(undecided)) {
            gauges.add(new Gauge("entropy", "Entropy", Text.number(undecided), Text.number(entropy) + " or more",
                    undecided < entropy, undecided < entropy
                            ? "It writes the same every time, so there is nothing left to choose from. Raise the sampling temperature, or go back to an earlier checkpoint."
                            : ""));
        }
        most(gauges, run, "clip-fraction", "Clipped tokens", MANY_CLIPPED, true,
                "Updates are held back often: they are too large. Lower the learning rate or the number of updates a step.");
        double now = run.recent("length-mean", RECENT);
        if (!Double.isNaN(now)) {
            boolean grown = now > GROWN * length;
            gauges.add(new Gauge("length-mean", "Length, tokens", Text.number(now),
                    "up to " + Text.number(GROWN * length) + ", three times the start", grown,
                    grown ? "Answers have grown threefold. See whether the reward pays for length, and read the longest rollouts." : ""));
        }
        most(gauges, run, "truncated", "Cut off", MANY_CUT, true,
                "Many completions reach the limit of tokens and lose their answer. Raise rollout.max-total-tokens, or teach the model to end.");
        most(gauges, run, "logprob-gap-p999", "Sampling against training", gap, false,
                "The probabilities of sampling and of training differ, so the model learns from samples that are not quite its own. Compute in float32.");
        most(gauges, run, "grade-latency-mean", "Grader, seconds", SLOW_GRADER, false,
                "Grading takes long. Let more graders run at once, or make the grader faster.");
        most(gauges, run, "failed", "Grader errors", MANY_FAILED, true,
                "The grader fails on some completions, which then teach nothing. The rollouts graded “failed” say why.");
        if (!run.sameRewards().isEmpty()) {
            List<Double> shares = List.copyOf(run.sameRewards().values());
            double same = shares.subList(Math.max(0, shares.size() - RECENT), shares.size()).stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(0);
            boolean odd = same > MANY_SAME;
            gauges.add(new Gauge("same-rewards", "Questions without a lesson", Text.percent(same), "up to " + Text.percent(MANY_SAME), odd,
                    odd ? "For most questions all completions are paid the same, so nothing tells a better one from a worse. Ask questions that are neither too easy nor too hard, or take more samples." : ""));
        }
        return gauges;
    }

    private static void most(
            List<Gauge> gauges, Snapshot run, String id, String name, double most, boolean percent, String advice) {
        double value = run.recent(id, RECENT);
        if (!Double.isNaN(value)) {
            String words = percent ? Text.percent(value) : Text.number(value);
            String bound = percent ? Text.percent(most) : Text.number(most);
            gauges.add(new Gauge(id, name, words, "up to " + bound, value > most, value > most ? advice : ""));
        }
    }

    private static double setting(Map<String, String> settings, String key, double preset) {
        try {
            return Double.parseDouble(settings.getOrDefault(key, Double.toString(preset)).toLowerCase(Locale.ROOT));
        } catch (NumberFormatException _) {
            return preset;
        }
    }
}
