package org.reft4j.train.loss;

import java.util.Arrays;
import org.reft4j.train.ConfigException;

/**
 * Weights of completions in weighted regression; docs/algorithms/preference.md has the formulas.
 *
 * @param weights formula of the weights: {@code reward} for {@code exp(r / beta)} (RWR, Peters and Schaal 2007), {@code advantage} for
 *     {@code exp((r - V) / beta)} (AWR, arXiv:1910.00177), where V is the mean reward of the question's samples
 * @param beta temperature of the weights: the smaller, the more the best completions count
 * @param maxWeight largest weight; larger ones are clipped
 */
public record RegressionConfig(Weights weights, double beta, double maxWeight) {
    /** The paper's AWR. */
    public static final RegressionConfig AWR = new RegressionConfig(Weights.ADVANTAGE, 1, 20);

    /** The formula of a completion's weight. */
    public enum Weights {
        REWARD,
        ADVANTAGE
    }

    public RegressionConfig {
        ConfigException.check(beta > 0, "regression.beta", beta, "a number above 0");
        ConfigException.check(maxWeight > 0, "regression.max-weight", maxWeight, "a number above 0");
    }

    /**
     * The weights of one question's samples.
     *
     * @param rewards rewards of all of the question's samples
     */
    public double[] of(double[] rewards) {
        double value =
                weights == Weights.ADVANTAGE ? Arrays.stream(rewards).average().orElse(0) : 0;
        return Arrays.stream(rewards)
                .map(reward -> Math.min(maxWeight, Math.exp((reward - value) / beta)))
                .toArray();
    }
}
