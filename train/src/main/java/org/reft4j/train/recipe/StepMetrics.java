package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.generate.StopReason;
import org.reft4j.task.grade.Grade;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.Rollout;

/** The figures of one step of reinforced fine-tuning, by the names that docs/algorithms/reft.md explains. */
final class StepMetrics {
    private final Map<String, Double> values = new LinkedHashMap<>();
    private final Map<String, Double> timings = new LinkedHashMap<>();
    private final List<Losses> losses = new ArrayList<>();
    private final List<Halves> halves = new ArrayList<>();
    private final List<Double> norms = new ArrayList<>();
    private final List<Double> criticNorms = new ArrayList<>();
    private final long begin = System.nanoTime();
    private long mark = begin;
    private long sampledTokens;
    private long allTokens;

    Map<String, Double> values() {
        return values;
    }

    Map<String, Double> timings() {
        return timings;
    }

    double value(String name) {
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
        put("truncated", mean(rollouts, r -> r.completion().stop() == StopReason.LENGTH ? 1 : 0));
        put(
                "empty",
                mean(
                        rollouts,
                        r -> r.text().isBlank() || r.completion().tokens().size() <= 1 ? 1 : 0));
        sampledTokens =
                rollouts.stream().mapToLong(r -> r.completion().tokens().size()).sum();
        allTokens = rollouts.stream().mapToLong(r -> r.row().length()).sum();
        timings.put("sample-tokens-per-second", sampledTokens / Math.max(1e-9, seconds));
    }

    void graded(List<GradedRollout> graded, int newChains, DistinctChains distinct) {
        var _ = lap("grade-seconds");
        put("reward", mean(graded.stream().filter(g -> !g.failed()).toList(), GradedRollout::reward));
        put("score-correct", mean(graded, g -> g.grade() instanceof Grade.Correct ? 1 : 0));
        put("score-wrong", mean(graded, g -> g.grade() instanceof Grade.Wrong ? 1 : 0));
        put("score-no-answer", mean(graded, g -> g.grade() instanceof Grade.NoAnswer ? 1 : 0));
        put("failed", mean(graded, g -> g.failed() ? 1 : 0));
        parts(graded);
        timings.put("grade-latency-mean", mean(graded, GradedRollout::seconds));
        put("distinct-correct", newChains);
        put("distinct-correct-total", distinct.total());
        put("distinct-correct-per-question", distinct.perQuestion());
    }

    /** The mean of every named part of a score, such as {@code grade/style}. */
    private void parts(List<GradedRollout> graded) {
        Map<String, DoubleSummaryStatistics> sums = new TreeMap<>();
        for (GradedRollout rollout : graded) {
            if (rollout.grade() instanceof Grade.Scored scored) {
                scored.parts()
                        .forEach((name, score) -> sums.computeIfAbsent(name, _ -> new DoubleSummaryStatistics())
                                .accept(score));
            }
        }
        sums.forEach((name, sum) -> put("grade/" + name, sum.getAverage()));
    }

    /** How certain the model was of what it wrote, by what it said while sampling; for recipes that measure completions no second time. */
    void certain(List<Rollout> rollouts) {
        Sums logprob = new Sums();
        for (Rollout rollout : rollouts) {
            for (float value : rollout.completion().logprobs()) {
                logprob.add(value);
            }
        }
        put("logprob-mean", logprob.mean());
        put("entropy", -logprob.mean());
    }

    /** How many rows each half of self-training's loss has. */
    void kept(int samples, int annotated) {
        put("kept", samples);
        put("annotated", annotated);
    }

    /** Figures of the experience; the k1, k2 and k3 estimators of the KL divergence are Schulman's (2020), per token. */
    void measured(Experience experience, List<GradedRollout> paid) {
        var _ = lap("score-seconds");
        Sums logprob = new Sums();
        Sums k1 = new Sums();
        Sums k2 = new Sums();
        Sums k3 = new Sums();
        Sums sequence = new Sums();
        Sums advantage = new Sums();
        Sums value = new Sums();
        Sums returned = new Sums();
        Sums error = new Sums();
        Sums gap = new Sums();
        for (int i = 0; i < paid.size(); i++) {
            Experience.Entry entry = experience.entries().get(i);
            float[] logprobs = entry.logprobs();
            float[] reference = entry.reference();
            float[] advantages = entry.advantages();
            float[] values = entry.values();
            float[] returns = entry.returns();
            float[] sampling = paid.get(i).rollout().completion().logprobs();
            double kl = 0;
            for (int t = 0; t < logprobs.length; t++) {
                double ratio = logprobs[t] - reference[t];
                kl += ratio;
                logprob.add(logprobs[t]);
                k1.add(ratio);
                k2.add(ratio * ratio / 2);
                k3.add(Math.exp(-ratio) - 1 + ratio);
                advantage.add(advantages[t]);
                value.add(values[t]);
                returned.add(returns[t]);
                error.add(returns[t] - values[t]);
                gap.add(Math.abs(logprobs[t] - sampling[t]));
            }
            sequence.add(kl);
        }
        put("kl-sequence", sequence.mean());
        put("kl-k1", k1.mean());
        put("kl-k2", k2.mean());
        put("kl-k3", k3.mean());
        put("kl-reward-mean", -k1.mean());
        put("entropy", -logprob.mean());
        put("logprob-mean", logprob.mean());
        put("logprob-gap-max", gap.max);
        put("logprob-gap-mean", gap.mean());
        put("advantage-mean", advantage.mean());
        put("advantage-std", advantage.std());
        put("value-mean", value.mean());
        put("value-std", value.std());
        put("return-mean", returned.mean());
        double variance = returned.std() * returned.std();
        put("explained-variance", variance == 0 ? -1 : Math.max(-1, 1 - error.std() * error.std() / variance));
    }

    /** @param gradientNorm of a critic that has its own trunk, before clipping */
    void criticUpdated(double gradientNorm) {
        criticNorms.add(gradientNorm);
    }

    /** @param beta the weight of the step's KL penalty, where it is moved */
    void controlled(double beta) {
        put("kl-coefficient", beta);
    }

    void updated(Losses minibatch, double gradientNorm) {
        losses.add(minibatch);
        norms.add(gradientNorm);
    }

    void updated(Halves loss, double gradientNorm) {
        halves.add(loss);
        norms.add(gradientNorm);
    }

    /** The largest of the step's updates. */
    double gradientNorm() {
        return norms.stream().mapToDouble(n -> n).max().orElse(0);
    }

    void finished(AdamW optimizer, double rate) {
        put("ratio-mean", mean(losses, l -> l.ratio.mean()));
        put("clip-fraction", mean(losses, l -> l.clipped.mean()));
        put("loss-policy", mean(losses, l -> l.policy));
        put("loss-value", mean(losses, l -> l.value));
        put("loss-total", mean(losses, l -> l.total));
        if (!criticNorms.isEmpty()) {
            put("critic-gradient-norm", mean(criticNorms, n -> n));
        }
        ended(optimizer, rate, allTokens);
    }

    /** @param tokens that went through the model in an update */
    void finished(AdamW optimizer, double rate, long tokens) {
        put("loss-samples", mean(halves, h -> 2 * h.samples()));
        put("loss-annotated", mean(halves, h -> 2 * h.annotated()));
        put("loss-total", mean(halves, Halves::total));
        ended(optimizer, rate, tokens);
    }

    private void ended(AdamW optimizer, double rate, long tokens) {
        double updating = lap("update-seconds");
        put("gradient-norm", mean(norms, n -> n));
        put("parameter-norm", optimizer.norm());
        put("learning-rate", rate);
        timings.put("train-tokens-per-second", tokens * (double) norms.size() / Math.max(1e-9, updating));
        timings.put("seconds", (System.nanoTime() - begin) / 1e9);
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

    /**
     * The loss of one update of online self-training.
     *
     * @param samples half the mean cross-entropy of the kept samples, 0 without any
     * @param annotated the same of the annotated chains
     */
    record Halves(double samples, double annotated) {
        double total() {
            return samples + annotated;
        }
    }

    /** The losses of one minibatch, summed over its parts. */
    static final class Losses {
        private final Sums ratio = new Sums();
        private final Sums clipped = new Sums();
        private double policy;
        private double value;
        private double total;

        void add(PpoLoss loss, PpoConfig ppo) {
            policy += Tensors.toDouble(loss.policy());
            value += Tensors.toDouble(loss.value());
            total += Tensors.toDouble(loss.total());
            for (float r : Tensors.toFloats(loss.ratio())) {
                ratio.add(r);
                clipped.add(1 - r > ppo.clip() || r - 1 > ppo.clipAbove() ? 1 : 0);
            }
        }

        /** A part of a minibatch in which only the critic learns. */
        void addValue(Tensor loss) {
            addCritic(loss);
            ratio.add(1);
            clipped.add(0);
        }

        /** What the critic learns from a part of which the policy learns too, on a trunk of its own. */
        void addCritic(Tensor loss) {
            value += Tensors.toDouble(loss);
            total += Tensors.toDouble(loss);
        }

        double total() {
            return total;
        }
    }

    /** Running sums of a figure. */
    private static final class Sums {
        private long count;
        private double sum;
        private double squares;
        private double max = Double.NEGATIVE_INFINITY;

        void add(double value) {
            count++;
            sum += value;
            squares += value * value;
            max = Math.max(max, value);
        }

        double mean() {
            return count == 0 ? 0 : sum / count;
        }

        double std() {
            return count == 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean() * mean()));
        }
    }
}
