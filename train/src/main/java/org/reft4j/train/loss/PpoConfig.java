package org.reft4j.train.loss;

import org.reft4j.train.ConfigException;

/**
 * The objective; docs/algorithms/reft.md has the formulas.
 *
 * @param epochs passes over the rollouts of a step
 * @param minibatch rollouts per optimiser step
 * @param clip the ratio is clipped to 1 ± clip
 * @param valueClip new values are clipped to the old ± this
 * @param valueWeight of the value loss in the total
 * @param gamma discount
 * @param lambda of generalised advantage estimation
 * @param kl beta, the weight of the per-token log-ratio to the reference in the reward
 * @param whiten whether advantages are whitened over the step's rollouts
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
        boolean whiten) {
    /** The reference's launch scripts. */
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
    }
}
