package org.reft4j.train.learn;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.reft4j.tensor.DType;
import org.reft4j.train.DivergedException;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.GuardConfig;

/** Stops a run that can no longer succeed, with one sentence on what was seen and what to try. */
public final class Guards {
    private static final int CAUSES = 3;
    /** The share of tokens that rounding may cut without a word. */
    private static final double ROUNDED = 0.01;

    private final AdamW optimizer;
    private double checksum;
    private boolean roundingSaid;

    public Guards(AdamW optimizer) {
        this.optimizer = optimizer;
        this.checksum = optimizer.checksum();
    }

    /** The value, if it is a finite number. */
    static double finite(String what, double value, int step) {
        if (!Double.isFinite(value)) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "the %s became %s at step %d. The last good checkpoint is kept; go on from it with a lower optimizer.learning-rate.",
                    what,
                    value,
                    step));
        }
        return value;
    }

    /**
     * Throws if a gradient moved no weight. Without any gradient, as when all completions were rewarded alike and the critic foresaw it,
     * there was nothing to move: that is warned of.
     */
    void changed(double rate, double gradientNorm, Run run, int step) {
        double now = optimizer.checksum();
        if (gradientNorm == 0) {
            run.emit(
                    new RunEvent.Warned(
                            step,
                            "nothing to learn from: no gradient; where completions are paid, all of this step were paid the same"));
        } else if (rate > 0 && now == checksum) {
            throw new DivergedException("the update of step " + step
                    + " changed no weight. Raise optimizer.learning-rate (" + rate
                    + "): steps smaller than the weights' resolution are lost.");
        }
        checksum = now;
    }

    /** Warns where too little room makes answers wrong. */
    static void cutOff(Run run, int step, Evaluation evaluation) {
        evaluation
                .cutOff()
                .ifPresent(words -> run.emit(
                        new RunEvent.Warned(step, words + "; raise evaluate.max-total-tokens to let them end")));
    }

    /** The rollouts that could be graded; throws if too few could. */
    static List<Rollout> paid(List<Rollout> graded, double graderFailures, int step) {
        List<Rollout> paid = gradable(graded, graderFailures, step);
        paid.forEach(g -> finite("reward of " + g.question().id(), g.reward(), step));
        return paid;
    }

    /**
     * The rollouts that could be graded; throws if too few could.
     *
     * @param graderFailures the largest share that may have failed
     */
    public static List<Rollout> gradable(List<Rollout> graded, double graderFailures, int step) {
        List<Rollout> paid = graded.stream().filter(Rollout::paid).toList();
        List<Rollout> failed = graded.stream().filter(Rollout::failed).toList();
        if (paid.isEmpty() || failed.size() > graderFailures * graded.size()) {
            String causes = failed.stream()
                    .map(Rollout::extracted)
                    .distinct()
                    .limit(CAUSES)
                    .collect(Collectors.joining("; "));
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "grading failed for %d of %d completions of step %d (guards.grader-failures is %.4g): %s. Mend the grader; nothing"
                            + " was learned from this step.",
                    failed.size(),
                    graded.size(),
                    step,
                    graderFailures,
                    causes.isEmpty() ? "every completion is empty" : causes));
        }
        return paid;
    }

    /** Throws if not one answer of a measurement could be graded: neither accuracy nor reward would mean anything. */
    public static void gradable(Evaluation evaluation, int step) {
        if (evaluation.ungraded()) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "grading failed for all %d validation questions at step %d: %s. Mend the grader; reft grader check tries it.",
                    evaluation.total(),
                    step,
                    evaluation.answers().stream()
                            .map(Evaluation.Answered::extracted)
                            .distinct()
                            .limit(CAUSES)
                            .collect(Collectors.joining("; "))));
        }
    }

    /**
     * Warns at one bound and stops at another.
     *
     * @param compute the type of products
     * @param penalty the key that holds the policy near its reference
     */
    void watch(StepMetrics metrics, GuardConfig bounds, DType compute, String penalty, Run run, int step) {
        // A single one that is no number is a fault, however many are sound.
        var _ = finite(
                "difference of a log-probability between sampling and training",
                metrics.value("logprob-gap-max"),
                step);
        requireAgreement(metrics.value("logprob-gap-p999"), bounds.logprobGap(), step);
        requireMeanAgreement(metrics.value("logprob-gap-mean"), bounds.meanGap(compute), step);
        if (metrics.has("kl-sequence")) {
            watchKl(metrics, bounds, penalty, run, step);
        }
        watchEntropy(metrics, bounds, penalty, run, step);
    }

    /**
     * Warns once if rounding alone moves ratios beyond the clipping range. The first update of a step is not affected, but later ones lose
     * the gradient of tokens whose probability has not changed.
     *
     * @param share share of tokens that would be clipped between two passes with the same weights
     * @param range the configuration keys of the clipping range
     */
    public void rounding(double share, String range, Run run, int step) {
        if (share > ROUNDED && !roundingSaid) {
            roundingSaid = true;
            run.emit(new RunEvent.Warned(
                    step,
                    String.format(
                            Locale.ROOT,
                            "before any weight moved, %.3g %% of the tokens are outside the range of clipping, by rounding: later updates of a"
                                    + " step lose them. Use model.compute: f32, widen %s, or make one update a step",
                            100 * share,
                            range)));
        }
    }

    /** Throws if what was sampled is not what is trained: a fault in the cache, the positions or the sampler moves more than a token in a thousand. */
    static void requireAgreement(double gap, double bound, int step) {
        if (!(gap <= bound)) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "at step %d the log-probabilities of one token in a thousand differ by %.4g or more between sampling and training"
                            + " (guards.logprob-gap is %.4g): the samples are not the trained policy's. Use model.compute: f32, or raise"
                            + " the bound if you accept it.",
                    step,
                    gap,
                    bound));
        }
    }

    /** The same of the mean: a fault that is small at every token, such as another epsilon in a norm, moves no quantile far. */
    static void requireMeanAgreement(double gap, double bound, int step) {
        if (!(gap <= bound)) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "at step %d the log-probabilities of sampling and training differ by %.4g on average (guards.logprob-gap-mean is %.4g),"
                            + " more than by rounding: the samples are not the trained policy's. Use model.compute: f32, or raise the bound"
                            + " if you accept it.",
                    step,
                    gap,
                    bound));
        }
    }

    private void watchKl(StepMetrics metrics, GuardConfig bounds, String penalty, Run run, int step) {
        double kl = finite("KL divergence", metrics.value("kl-sequence"), step);
        if (kl > bounds.klStop()) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "the policy left its reference: sequence KL %.4g at step %d (guards.kl-stop is %.4g). Go on from the best checkpoint"
                            + " with a higher %s or a lower optimizer.learning-rate.",
                    kl,
                    step,
                    bounds.klStop(),
                    penalty));
        }
        if (kl > bounds.klWarn()) {
            run.emit(new RunEvent.Warned(
                    step,
                    String.format(Locale.ROOT, "sequence KL is %.4g (guards.kl-warn is %.4g)", kl, bounds.klWarn())));
        }
    }

    private static void watchEntropy(StepMetrics metrics, GuardConfig bounds, String penalty, Run run, int step) {
        double entropy = metrics.value("entropy");
        if (entropy < bounds.entropyStop()) {
            throw new DivergedException(String.format(
                    Locale.ROOT,
                    "the policy collapsed: token entropy %.4g at step %d (guards.entropy-stop is %.4g). Go on from the best checkpoint with"
                            + " a lower optimizer.learning-rate or a higher %s.",
                    entropy,
                    step,
                    bounds.entropyStop(),
                    penalty));
        }
        if (entropy < bounds.entropyWarn()) {
            run.emit(new RunEvent.Warned(
                    step,
                    String.format(
                            Locale.ROOT,
                            "token entropy is %.4g (guards.entropy-warn is %.4g)",
                            entropy,
                            bounds.entropyWarn())));
        }
    }

    /** True if something that is due every {@code every} steps is due in this one; never for 0. */
    static boolean due(int every, int step) {
        return every > 0 && step % every == 0;
    }
}
