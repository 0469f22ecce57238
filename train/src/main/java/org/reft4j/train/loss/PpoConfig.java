package org.reft4j.train.loss;

import org.jspecify.annotations.Nullable;
import org.reft4j.train.ConfigException;

/**
 * The PPO objective; docs/algorithms/reft.md has the formulas.
 *
 * @param epochs passes over the rollouts of a step
 * @param minibatch rollouts per optimiser step
 * @param clip the ratio is clipped to the range from {@code 1 - clip} to {@code 1 + clip}; {@code clip-high} replaces the upper bound
 * @param valueClip new values are clipped to the old ones ± {@code value-clip}
 * @param valueWeight weight of the value loss in the total loss
 * @param gamma discount factor
 * @param lambda lambda of generalised advantage estimation (GAE)
 * @param kl weight of the KL penalty (the log-ratio to the reference) in the reward of every token; beta in the paper
 * @param whiten normalises advantages to mean 0 and variance 1 over the step's rollouts
 * @param clipHigh the ratio is clipped to at most {@code 1 + clip-high} (DAPO's clip-higher: Yu et al. 2025, arXiv:2503.14476, equation
 *     10); by default as {@code clip}
 * @param lossAverage averaging of policy and value loss: over the tokens of each {@code completion} and then over completions, as in the
 *     paper, or over all tokens of the minibatch alike ({@code token}; DAPO, equation 12)
 * @param lambdaAlpha length-adaptive GAE (VAPO: Yue et al. 2025, arXiv:2504.05118; 0.05 there): if above 0, the policy's lambda is
 *     {@code 1 - 1 / (lambda-alpha x tokens of the completion)} instead of {@code lambda}; 0 for off
 * @param criticLambda lambda of the critic's returns (decoupled GAE, VC-PPO: Yuan et al. 2025, arXiv:2503.01491; 1 there); by default the
 *     policy's
 * @param adaptiveKl adapts {@code kl} from step to step; without this section it is constant
 */
public record PpoConfig(
        int epochs,
        int minibatch,
        double clip,
        double valueClip,
        double valueWeight,
        double gamma,
        double lambda,
        double kl,
        boolean whiten,
        @Nullable Double clipHigh,
        LossAverage lossAverage,
        double lambdaAlpha,
        @Nullable Double criticLambda,
        @Nullable AdaptiveKl adaptiveKl) {
    /** Values of the reference's launch scripts. */
    public static final PpoConfig REFT = new PpoConfig(2, 32, 0.2, 0.2, 5, 1.0, 0.95, 0.05, true);

    public PpoConfig {
        ConfigException.check(epochs > 0, "ppo.epochs", epochs, "a positive number");
        ConfigException.check(minibatch > 0, "ppo.minibatch", minibatch, "a positive number");
        ConfigException.check(clip > 0 && clip < 1, "ppo.clip", clip, "a number in (0, 1)");
        ConfigException.check(valueClip > 0, "ppo.value-clip", valueClip, "a number above 0");
        ConfigException.check(valueWeight >= 0, "ppo.value-weight", valueWeight, "0 or more");
        ConfigException.check(gamma > 0 && gamma <= 1, "ppo.gamma", gamma, "a number in (0, 1]");
        ConfigException.check(lambda >= 0 && lambda <= 1, "ppo.lambda", lambda, "a number in [0, 1]");
        ConfigException.check(kl >= 0, "ppo.kl", kl, "0 or more");
        ConfigException.check(
                clipHigh == null || clipHigh > 0, "ppo.clip-high", String.valueOf(clipHigh), "a number above 0");
        ConfigException.check(
                lossAverage != LossAverage.CONSTANT, "ppo.loss-average", "constant", "completion or token");
        ConfigException.check(lambdaAlpha >= 0, "ppo.lambda-alpha", lambdaAlpha, "0 (off) or more");
        ConfigException.check(
                criticLambda == null || (criticLambda >= 0 && criticLambda <= 1),
                "ppo.critic-lambda",
                String.valueOf(criticLambda),
                "a number in [0, 1]");
        ConfigException.check(
                adaptiveKl == null || kl > 0,
                "ppo.kl",
                kl,
                "a number above 0, where ppo.adaptive-kl is given: it multiplies, and 0 stays 0");
    }

    /** The paper's objective: none of the later refinements. */
    public PpoConfig(
            int epochs,
            int minibatch,
            double clip,
            double valueClip,
            double valueWeight,
            double gamma,
            double lambda,
            double kl,
            boolean whiten) {
        this(
                epochs,
                minibatch,
                clip,
                valueClip,
                valueWeight,
                gamma,
                lambda,
                kl,
                whiten,
                null,
                LossAverage.COMPLETION,
                0,
                null,
                null);
    }

    /** The upper clip bound, as a distance from 1. */
    public double clipAbove() {
        return clipHigh == null ? clip : clipHigh;
    }

    /** The policy's lambda for a completion of {@code tokens} tokens. */
    public double policyLambda(int tokens) {
        return lambdaAlpha > 0 ? Advantages.lengthAdaptiveLambda(lambdaAlpha, tokens) : lambda;
    }

    /** The lambda of the critic's returns for a completion of {@code tokens} tokens. */
    public double returnLambda(int tokens) {
        return criticLambda == null ? policyLambda(tokens) : criticLambda;
    }

    /** The same with another weight of the KL penalty. */
    public PpoConfig withKl(double beta) {
        return new PpoConfig(
                epochs,
                minibatch,
                clip,
                valueClip,
                valueWeight,
                gamma,
                lambda,
                beta,
                whiten,
                clipHigh,
                lossAverage,
                lambdaAlpha,
                criticLambda,
                adaptiveKl);
    }
}
