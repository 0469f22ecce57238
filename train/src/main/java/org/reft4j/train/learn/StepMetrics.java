package org.reft4j.train.learn;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.rollout.Rollout;

/**
 * The figures of one step of a recipe whose policy samples, by the names that docs/algorithms explain: of what was sampled and graded, of
 * the experience, and of the updates, whose losses each recipe names itself.
 */
public final class StepMetrics {
    private final Map<String, Double> values = new LinkedHashMap<>();
    private final Map<String, Double> timings = new LinkedHashMap<>();
    /** One for each update, by the names of figures. */
    private final Map<String, List<Double>> updates = new LinkedHashMap<>();

    private final List<Double> norms = new ArrayList<>();
    private final long begin = System.nanoTime();
    private long mark = begin;
    private long sampledTokens;
    private long trainedTokens;

    Map<String, Double> values() {
        return values;
    }

    Map<String, Double> timings() {
        return timings;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    public double value(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no metric " + name);
        }
        return value;
    }

    void sampled(List<Rollout> rollouts) {
        double seconds = lap("sample-seconds");
        put("length-mean", mean(rollouts, r -> r.completion().tokens().size()));
        put("length-std", std(rollouts, r -> r.completion().tokens().size()));
        put("prompt-length-mean", mean(rollouts, r -> r.prompt().size()));
        put("truncated", mean(rollouts, r -> r.cutOff() ? 1 : 0));
        put(
                "empty",
                mean(
                        rollouts,
                        r -> r.text().isBlank() || r.completion().tokens().size() <= 1 ? 1 : 0));
        sampledTokens =
                rollouts.stream().mapToLong(r -> r.completion().tokens().size()).sum();
        trainedTokens = rollouts.stream().mapToLong(r -> r.row().length()).sum();
        timings.put("sample-tokens-per-second", sampledTokens / Math.max(1e-9, seconds));
    }

    void graded(List<Rollout> graded, int newChains, DistinctChains distinct) {
        var _ = lap("grade-seconds");
        put("reward", mean(graded.stream().filter(g -> !g.failed()).toList(), Rollout::reward));
        put("score-correct", mean(graded, g -> g.grade().right() ? 1 : 0));
        put("score-wrong", mean(graded, g -> wrong(g.grade()) ? 1 : 0));
        put("score-no-answer", mean(graded, g -> g.grade() instanceof Grade.NoAnswer ? 1 : 0));
        put("failed", mean(graded, g -> g.failed() ? 1 : 0));
        parts(graded);
        timings.put("grade-latency-mean", mean(graded, Rollout::seconds));
        put("distinct-correct", newChains);
        put("distinct-correct-total", distinct.total());
        put("distinct-correct-per-question", distinct.perQuestion());
    }

    /** True if it was graded and is not right: a wrong answer, or a score below the pass threshold. */
    private static boolean wrong(Grade grade) {
        return switch (grade) {
            case Grade.Wrong _, Grade.Scored _ -> !grade.right();
            case Grade.Correct _, Grade.NoAnswer _, Grade.Failed _ -> false;
        };
    }

    /** The mean of every named part of a score, such as {@code grade/style}. */
    private void parts(List<Rollout> graded) {
        Map<String, DoubleSummaryStatistics> sums = new TreeMap<>();
        for (Rollout rollout : graded) {
            rollout.grade()
                    .parts()
                    .forEach((name, score) -> sums.computeIfAbsent(name, _ -> new DoubleSummaryStatistics())
                            .accept(score));
        }
        sums.forEach((name, sum) -> put("grade/" + name, sum.getAverage()));
    }

    /** Adds the model's certainty, from the probabilities of sampling; for recipes that do not compute these again. */
    void certain(List<Rollout> rollouts) {
        Sums logprob = new Sums();
        for (Rollout rollout : rollouts) {
            for (float value : rollout.completion().drawnLogprobs()) {
                logprob.add(value);
            }
        }
        put("logprob-mean", logprob.mean());
        put("entropy", -logprob.mean());
    }

    /** Adds the number of rows in each half of self-training's loss. */
    public void kept(int samples, int annotated, int rightCutOff) {
        put("kept", samples);
        put("right-cut-off", rightCutOff);
        put("annotated", annotated);
    }

    /** The passes over what was sampled are over. */
    public void scored() {
        var _ = lap("score-seconds");
    }

    /** Figures of the experience. */
    public void measured(Experience experience, List<Rollout> paid) {
        TokenFigures tokens = new TokenFigures();
        Sums advantage = new Sums();
        Sums value = new Sums();
        Sums returned = new Sums();
        Sums error = new Sums();
        for (int i = 0; i < paid.size(); i++) {
            Experience.Entry entry = experience.entries().get(i);
            float[] advantages = entry.advantages();
            float[] values = entry.values();
            float[] returns = entry.returns();
            tokens.add(
                    entry.logprobs(),
                    entry.reference(),
                    paid.get(i).completion().drawnLogprobs());
            for (int t = 0; t < advantages.length; t++) {
                advantage.add(advantages[t]);
                value.add(values[t]);
                returned.add(returns[t]);
                error.add(returns[t] - values[t]);
            }
        }
        values.putAll(tokens.kl());
        put("kl-reward-mean", -value("kl-k1"));
        values.putAll(tokens.certainty());
        put("advantage-mean", advantage.mean());
        put("advantage-std", advantage.std());
        put("value-mean", value.mean());
        put("value-std", value.std());
        put("return-mean", returned.mean());
        double variance = returned.std() * returned.std();
        put("explained-variance", variance == 0 ? -1 : Math.max(-1, 1 - error.std() * error.std() / variance));
    }

    /** @param beta the weight of the step's KL penalty, where it is moved */
    public void controlled(double beta) {
        put("kl-coefficient", beta);
    }

    /** Figures of an experience without a critic, and those of the KL divergence where there is a reference. */
    public void measured(GroupExperience experience) {
        TokenFigures tokens = new TokenFigures();
        Sums advantage = new Sums();
        boolean referenced = false;
        for (GroupExperience.Entry entry : experience.entries()) {
            float @Nullable [] reference = entry.reference();
            referenced |= reference != null;
            tokens.add(entry.logprobs(), reference, entry.rollout().completion().drawnLogprobs());
            advantage.add(entry.advantage());
        }
        if (referenced) {
            values.putAll(tokens.kl());
        }
        values.putAll(tokens.certainty());
        put("advantage-mean", advantage.mean());
        put("advantage-std", advantage.std());
        put("overlong-penalty", mean(experience.entries(), GroupExperience.Entry::penalty));
        put("masked", mean(experience.entries(), e -> e.counts() ? 0 : 1));
    }

    /**
     * Adds the number of questions asked.
     *
     * @param mixed number of these whose completions have different rewards
     */
    public void asked(int questions, int mixed) {
        put("questions-asked", questions);
        put("questions-mixed", (double) mixed / questions);
    }

    /**
     * Adds an update.
     *
     * @param figures its figures by name; the step reports the mean over the updates that have a figure
     * @param gradientNorm gradient norm before clipping
     */
    void updated(Map<String, Double> figures, double gradientNorm) {
        figures.forEach((name, value) ->
                updates.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
        norms.add(gradientNorm);
    }

    /** The number of updates so far. */
    public int updates() {
        return norms.size();
    }

    /** The largest of the step's updates. */
    double gradientNorm() {
        return norms.stream().mapToDouble(n -> n).max().orElse(0);
    }

    /**
     * All updates are made; of their figures the step has the means.
     *
     * @param parameterNorm the Euclidean norm of all weights
     */
    void finished(double parameterNorm, double rate) {
        updates.forEach((name, of) -> put(name, mean(of, value -> value)));
        double updating = lap("update-seconds");
        put("gradient-norm", mean(norms, n -> n));
        put("parameter-norm", parameterNorm);
        put("learning-rate", rate);
        timings.put("train-tokens-per-second", trainedTokens * (double) norms.size() / Math.max(1e-9, updating));
        timings.put("seconds", (System.nanoTime() - begin) / 1e9);
    }

    /**
     * The same for a step with one update on a batch of stored items, whose figures are already set.
     *
     * @param epoch number of epochs completed
     */
    void finishedBatch(double rate, double epoch) {
        put("learning-rate", rate);
        put("gradient-norm", gradientNorm());
        put("epoch", epoch);
        double seconds = (System.nanoTime() - begin) / 1e9;
        timings.put("seconds", seconds);
        if (values.containsKey("tokens")) {
            timings.put("train-tokens-per-second", value("tokens") / seconds);
        }
    }

    /** So many tokens go through the model in an update, or in a pass over minibatches; else those of all rollouts. */
    public void trains(long tokens) {
        trainedTokens = tokens;
    }

    /** A figure that an algorithm names itself. */
    void figure(String name, double value) {
        put(name, value);
    }

    private void put(String name, double value) {
        values.put(name, value);
    }

    private double lap(String name) {
        long now = System.nanoTime();
        double seconds = (now - mark) / 1e9;
        timings.put(name, seconds);
        mark = now;
        return seconds;
    }

    private static <T> double mean(List<T> list, ToDoubleFunction<T> figure) {
        return list.stream().mapToDouble(figure).average().orElse(0);
    }

    private static <T> double std(List<T> list, ToDoubleFunction<T> figure) {
        Sums sums = new Sums();
        list.forEach(item -> sums.add(figure.applyAsDouble(item)));
        return sums.std();
    }
}
