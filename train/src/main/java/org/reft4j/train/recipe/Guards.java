package org.reft4j.train.recipe;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.reft4j.train.DivergedException;
import org.reft4j.train.evaluate.Evaluation;
import org.reft4j.train.rollout.GradedRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** Stops a run that can no longer succeed, with one sentence on what was seen and what to try. */
final class Guards {
    private static final int CAUSES = 3;

    private final AdamW optimizer;
    private double checksum;

    Guards(AdamW optimizer) {
        this.optimizer = optimizer;
        this.checksum = optimizer.checksum();
    }

    /** The value, if it is a finite number. */
    double finite(String what, double value, int step) {
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
     * Throws if a gradient moved no weight. Without any gradient, as when all completions were paid the same and the critic foresaw it,
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
    List<GradedRollout> paid(List<GradedRollout> graded, GuardConfig bounds, int step) {
        List<GradedRollout> paid = gradable(graded, bounds.graderFailures(), step);
        paid.forEach(g -> finite("reward of " + g.rollout().question().id(), g.reward(), step));
        return paid;
    }

    /**
     * The rollouts that could be graded; throws if too few could.
     *
     * @param graderFailures the largest share that may have failed
     */
    static List<GradedRollout> gradable(List<GradedRollout> graded, double graderFailures, int step) {
        List<GradedRollout> paid = graded.stream().filter(GradedRollout::paid).toList();
        List<GradedRollout> failed =
                graded.stream().filter(GradedRollout::failed).toList();
        if (paid.isEmpty() || failed.size() > graderFailures * graded.size()) {
            String causes = failed.stream()
                    .map(GradedRollout::extracted)
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

    /**
     * Warns at one bound and stops at another.
     *
     * @param penalty the key that holds the policy near its reference
     */
    void watch(StepMetrics metrics, GuardConfig bounds, String penalty, Run run, int step) {
        // A single one that is no number is a fault, however many are sound.
        var _ = finite(
                "difference of a log-probability between sampling and training",
                metrics.value("logprob-gap-max"),
                step);
        requireAgreement(metrics.value("logprob-gap-p999"), bounds.logprobGap(), step);
        if (metrics.has("kl-sequence")) {
            watchKl(metrics, bounds, penalty, run, step);
        }
        watchEntropy(metrics, bounds, penalty, run, step);
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

    /** Whether something that happens every so many steps happens now; never for 0. */
    static boolean due(int every, int step) {
        return every > 0 && step % every == 0;
    }
}
