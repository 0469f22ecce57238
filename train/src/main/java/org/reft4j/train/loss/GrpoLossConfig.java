package org.reft4j.train.loss;

import java.util.Locale;
import java.util.Optional;
import org.reft4j.train.ConfigException;

/**
 * The objective of group-relative policy optimisation; docs/algorithms/grpo.md has the formulas and the settings of its variants.
 *
 * @param epochs passes over the rollouts of a step
 * @param minibatch rollouts per optimiser step; 0 for all of a step
 * @param ratio what is compared with the policy that sampled: each {@code token}, or the whole {@code sequence}
 * @param surrogate what clipping does: it takes the gradient of tokens beyond the range away ({@code clipped}), or bounds their weight
 *     ({@code cispo})
 * @param clipLow the ratio is clipped to at least 1 - this; 1 for no lower bound, with {@code surrogate: cispo}
 * @param clipHigh the ratio is clipped to at most 1 + this; above {@code clip-low} in DAPO (arXiv:2503.14476, equation 10)
 * @param average what a token counts for: the mean of each {@code completion} first, the mean over every {@code token}, or a sum divided
 *     by a {@code constant}
 * @param constantLength tokens that {@code average: constant} divides by, such as the longest completion that is allowed; else unused
 * @param maskTruncated whether completions that were cut off have no part in the loss (overlong filtering, arXiv:2503.14476, section
 *     3.4); their rewards count in their groups all the same
 * @param kl the weight of the KL divergence to the reference (k3 estimator, arXiv:2402.03300, equation 4) in the loss; with 0 there is no
 *     reference model
 */
public record GrpoLossConfig(
        int epochs,
        int minibatch,
        ImportanceRatio ratio,
        Surrogate surrogate,
        double clipLow,
        double clipHigh,
        LossAverage average,
        int constantLength,
        boolean maskTruncated,
        double kl) {
    /** DeepSeekMath, section 4.2: one update a step and a KL coefficient of 0.04; the clip range is PPO's. */
    public static final GrpoLossConfig GRPO = new GrpoLossConfig(
            1, 0, ImportanceRatio.TOKEN, Surrogate.CLIPPED, 0.2, 0.2, LossAverage.COMPLETION, 0, false, 0.04);

    public GrpoLossConfig {
        ConfigException.check(epochs > 0, "loss.epochs", epochs, "a positive number");
        ConfigException.check(minibatch >= 0, "loss.minibatch", minibatch, "0 (all rollouts of a step) or more");
        ConfigException.check(
                clipLow > 0 && (clipLow < 1 || (clipLow == 1 && surrogate == Surrogate.CISPO)),
                "loss.clip-low",
                clipLow,
                "a number in (0, 1)");
        ConfigException.check(
                clipHigh > 0 && Double.isFinite(clipHigh), "loss.clip-high", clipHigh, "a finite number above 0");
        ConfigException.check(
                average == LossAverage.CONSTANT ? constantLength > 0 : constantLength >= 0,
                "loss.constant-length",
                constantLength,
                average == LossAverage.CONSTANT
                        ? "a positive number of tokens, since loss.average is constant"
                        : "0 or more");
        ConfigException.check(kl >= 0 && Double.isFinite(kl), "loss.kl", kl, "0 (no reference) or more");
    }

    /** What is allowed, and in no paper; empty for the usual. */
    public Optional<String> remark() {
        return ratio == ImportanceRatio.SEQUENCE && average != LossAverage.COMPLETION
                ? Optional.of(
                        "loss.ratio is sequence and loss.average "
                                + average.name().toLowerCase(Locale.ROOT)
                                + ": a completion then counts by its length, where GSPO gives each the same weight. Set loss.average: completion")
                : Optional.empty();
    }
}
