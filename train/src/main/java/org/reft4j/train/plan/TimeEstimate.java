package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.RowLengths;
import org.reft4j.train.run.Results;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.RecipeConfig;

/**
 * Estimate of a run's time from a few measured seconds: its tokens of each kind, divided by this machine's tokens per second. Grading is
 * left out, since it runs while other completions are still being sampled.
 *
 * @param parts seconds of the whole run by kind of work
 * @param steps number of steps of the run
 * @param pace the measured speed
 */
public record TimeEstimate(Map<String, Double> parts, long steps, Pace pace) {
    /** Factor by which real runs took longer or shorter than estimated on an equally busy machine; see docs/limits.md. */
    private static final double UNCERTAIN = 1.5;

    /** The estimate for a run; empty if its speed was not measured. */
    public static Optional<TimeEstimate> of(RecipeConfig config, TrainingPlan plan, RunCheck check) {
        return check.pace().map(pace -> of(config, plan, pace, check.lengths()));
    }

    private static TimeEstimate of(RecipeConfig config, TrainingPlan plan, Pace pace, Map<String, RowLengths> lengths) {
        Map<String, Long> counts = plan.counts();
        long steps = counts.getOrDefault("steps", counts.getOrDefault("steps-at-most", 0L));
        BatchArithmetic.Work rows = plan.work();
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put(
                "sampling",
                rows.prompts() * pace.prompt() / pace.read() + rows.sampled() * pace.completion() / pace.sampled());
        parts.put("scoring", rows.scored() * pace.row() / pace.scored());
        parts.put("training", rows.trained() * pace.row() / pace.trained() + rows.updates() * pace.update());
        RowLengths validation = lengths.get("validation prompts");
        if (validation != null) {
            double measured = (double) measurements(config, steps)
                    * validation.count()
                    * config.evaluate().samples();
            parts.put(
                    "validation", measured * (validation.median() / pace.read() + pace.completion() / pace.sampled()));
        }
        parts.values().removeIf(seconds -> seconds == 0);
        return new TimeEstimate(parts, steps, pace);
    }

    private static long measurements(RecipeConfig config, long steps) {
        EvaluateConfig evaluate = config.evaluate();
        long between = evaluate.every() == 0 ? 0 : (steps - 1) / evaluate.every();
        boolean before = evaluate.every() > 0 && config.measuredFirst();
        return between + 1 + (before ? 1 : 0);
    }

    double seconds() {
        return parts.values().stream().mapToDouble(seconds -> seconds).sum();
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder(TrainingPlan.words(
                "Time, estimated from a few seconds of this model's work on this machine: about %s (%s to %s)%n",
                Results.duration(seconds()),
                Results.duration(seconds() / UNCERTAIN),
                Results.duration(seconds() * UNCERTAIN)));
        parts.forEach(
                (part, seconds) -> text.append(TrainingPlan.words("  %-40s %s%n", part, Results.duration(seconds))));
        text.append(TrainingPlan.words(
                "  %d steps, about %.3g s each without validation; measured: %.0f prompt tokens a second, %.0f sampled, %.0f scored,"
                        + " %.0f trained, an update %.2g s%n",
                steps,
                (seconds() - parts.getOrDefault("validation", 0.0)) / Math.max(1, steps),
                pace.read(),
                pace.sampled(),
                pace.scored(),
                pace.trained(),
                pace.update()));
        return text.append(TrainingPlan.words(
                        "  for completions of %.0f tokens and prompts of %.0f in the mean; longer ones take longer, graders that answer"
                                + " slowly too, and other work on this machine%n",
                        pace.completion(), pace.prompt()))
                .toString();
    }

    /** For programs. */
    public ObjectNode figures() {
        ObjectNode figures = Results.object();
        figures.put("seconds", seconds());
        figures.put("seconds-low", seconds() / UNCERTAIN);
        figures.put("seconds-high", seconds() * UNCERTAIN);
        ObjectNode each = figures.putObject("seconds-by-part");
        parts.forEach(each::put);
        figures.putObject("measured")
                .put("prompt-tokens-per-second", pace.read())
                .put("sampled-tokens-per-second", pace.sampled())
                .put("scored-tokens-per-second", pace.scored())
                .put("trained-tokens-per-second", pace.trained())
                .put("update-seconds", pace.update());
        figures.putObject("assumed").put("prompt-tokens", pace.prompt()).put("completion-tokens", pace.completion());
        return figures;
    }
}
