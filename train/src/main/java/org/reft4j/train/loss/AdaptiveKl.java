package org.reft4j.train.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.reft4j.train.ConfigException;

/**
 * A weight of the KL penalty that is moved until the policy stays as far from the reference as it shall: Ziegler et al. 2019
 * (arXiv:1909.08593), as their code has it with a horizon.
 *
 * @param target the sequence KL to hold, in nats
 * @param horizon rollouts in which the weight changes by about the clipped error; theirs is 10,000
 */
public record AdaptiveKl(
        @JsonProperty(defaultValue = "6") double target,
        @JsonProperty(defaultValue = "10000") double horizon) {
    /** The most that an error counts for, either way. */
    private static final double ERROR = 0.2;

    public AdaptiveKl {
        ConfigException.check(target > 0, "ppo.adaptive-kl.target", target, "a number of nats above 0");
        ConfigException.check(horizon > 0, "ppo.adaptive-kl.horizon", horizon, "a number of rollouts above 0");
    }

    /**
     * The weight after a step.
     *
     * @param beta the weight of the step
     * @param kl the step's mean sequence KL
     * @param rollouts of the step
     */
    public double next(double beta, double kl, int rollouts) {
        double error = Math.clamp((kl - target) / target, -ERROR, ERROR);
        return beta * Math.max(0, 1 + error * rollouts / horizon);
    }
}
