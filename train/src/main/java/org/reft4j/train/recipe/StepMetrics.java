package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.generate.StopReason;
import org.reft4j.task.grade.Grade;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.rollout.GroupExperience;
import org.reft4j.train.rollout.Rollout;

/** The figures of one step of reinforced fine-tuning, by the names that docs/algorithms/reft.md explains. */
final class StepMetrics {
    private final Map<String, Double> values = new LinkedHashMap<>();
    private final Map<String, Double> timings = new LinkedHashMap<>();
    private final List<Losses> losses = new ArrayList<>();
    private final List<Halves> halves = new ArrayList<>();
    private final List<GroupLosses> groupLosses = new ArrayList<>();
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

    boolean has(String name) {
        return values.containsKey(name);
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

    /** Figures of the experience. */
    void measured(Experience experience, List<GradedRollout> paid) {
        var _ = lap("score-seconds");
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
                    paid.get(i).rollout().completion().logprobs());
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

    /** @param gradientNorm of a critic that has its own trunk, before clipping */
    void criticUpdated(double gradientNorm) {
        criticNorms.add(gradientNorm);
    }

    /** @param beta the weight of the step's KL penalty, where it is moved */
    void controlled(double beta) {
        put("kl-coefficient", beta);
    }

    /** Figures of an experience without a critic, and those of the KL divergence where there is a reference. */
    void measured(GroupExperience experience) {
        var _ = lap("score-seconds");
        TokenFigures tokens = new TokenFigures();
        Sums advantage = new Sums();
        boolean referenced = false;
        for (GroupExperience.Entry entry : experience.entries()) {
            float @Nullable [] reference = entry.reference();
            referenced |= reference != null;
            GradedRollout graded = entry.compared().graded();
            tokens.add(
                    entry.logprobs(), reference, graded.rollout().completion().logprobs());
            advantage.add(entry.compared().advantage());
        }
        if (referenced) {
            values.putAll(tokens.kl());
        }
        values.putAll(tokens.certainty());
        put("advantage-mean", advantage.mean());
        put("advantage-std", advantage.std());
        put("overlong-penalty", mean(experience.entries(), e -> e.compared().penalty()));
        put("masked", mean(experience.entries(), e -> e.compared().counts() ? 0 : 1));
    }

    /**
     * How many questions were asked.
     *
     * @param mixed of them, with unequally paid completions
     */
    void asked(int questions, int mixed) {
        put("questions-asked", questions);
        put("questions-mixed", (double) mixed / questions);
    }

    void updated(Losses minibatch, double gradientNorm) {
        losses.add(minibatch);
        norms.add(gradientNorm);
    }

    void updated(Halves loss, double gradientNorm) {
        halves.add(loss);
        norms.add(gradientNorm);
    }

    void updated(GroupLosses minibatch, double gradientNorm) {
        groupLosses.add(minibatch);
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

    /** @param tokens that went through the model in a pass over the rollouts */
    void finishedGroups(AdamW optimizer, double rate, long tokens) {
        put("ratio-mean", mean(groupLosses, GroupLosses::ratio));
        put("clip-fraction", mean(groupLosses, GroupLosses::clipped));
        put("loss-policy", mean(groupLosses, GroupLosses::policy));
        put("loss-kl", mean(groupLosses, GroupLosses::kl));
        put("loss-total", mean(groupLosses, GroupLosses::total));
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
}
