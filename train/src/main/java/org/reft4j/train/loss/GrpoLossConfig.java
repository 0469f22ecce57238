package org.reft4j.train.loss;

import java.util.Locale;
import java.util.Optional;
import org.reft4j.train.ConfigException;

/**
 * The objective of group-relative policy optimisation; docs/algorithms/grpo.md has the formulas and the settings of its variants.
 *
 * @param epochs passes over the rollouts of a step
 * @param minibatch rollouts per optimiser step; 0 for all of a step
 * @param ratio unit of the importance ratio to the policy that sampled: each {@code token}, or the whole {@code sequence}
 * @param surrogate effect of clipping: tokens outside the range lose their gradient ({@code clipped}), or their weight is bounded
 *     ({@code cispo})
 * @param clipLow the ratio is clipped to at least {@code 1 - clip-low}; with {@code surrogate: cispo}, 1 for no lower bound
 * @param clipHigh the ratio is clipped to at most {@code 1 + clip-high}; larger than {@code clip-low} in DAPO (arXiv:2503.14476, equation
 *     10)
 * @param average averaging of the loss: over the tokens of each {@code completion} and then over completions, over all tokens alike
 *     ({@code token}), or the sum over tokens divided by a {@code constant}
 * @param constantLength number of tokens that {@code average: constant} divides by, such as the longest allowed completion; otherwise
 *     unused
 * @param maskTruncated leaves completions that were cut off out of the loss (overlong filtering, arXiv:2503.14476, section 3.4); their
 *     rewards still count in their groups
 * @param kl weight of the KL divergence to the reference in the loss (k3 estimator, arXiv:2402.03300, equation 4); 0 for no reference model
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

    /** A remark on a combination that is allowed but in no paper; empty for the usual ones. */
    public Optional<String> remark() {
        return ratio == ImportanceRatio.SEQUENCE && average != LossAverage.COMPLETION
                ? Optional.of(
                        "loss.ratio is sequence and loss.average "
                                + average.name().toLowerCase(Locale.ROOT)
                                + ": a completion then counts by its length, where GSPO gives each the same weight. Set loss.average: completion")
                : Optional.empty();
    }
}
