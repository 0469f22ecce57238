package org.reft4j.train.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.reft4j.train.ConfigException;

/**
 * A weight of the KL penalty that adapts so that the policy keeps a target distance from the reference: Ziegler et al. 2019
 * (arXiv:1909.08593), with the horizon of their code.
 *
 * @param target the sequence KL to hold, in nats
 * @param horizon number of rollouts in which the weight changes by about the clipped error; 10,000 in their code
 */
public record AdaptiveKl(
        @JsonProperty(defaultValue = "6") double target,
        @JsonProperty(defaultValue = "10000") double horizon) {
    /** Bound of the relative error, in both directions. */
    private static final double ERROR = 0.2;

    public AdaptiveKl {
        ConfigException.check(target > 0, "ppo.adaptive-kl.target", target, "a number of nats above 0");
        ConfigException.check(horizon > 0, "ppo.adaptive-kl.horizon", horizon, "a number of rollouts above 0");
    }

    /**
     * The weight for the next step.
     *
     * @param beta the weight in this step
     * @param kl the step's mean sequence KL
     * @param rollouts number of rollouts of the step
     */
    public double next(double beta, double kl, int rollouts) {
        double error = Math.clamp((kl - target) / target, -ERROR, ERROR);
        return beta * Math.max(0, 1 + error * rollouts / horizon);
    }
}
