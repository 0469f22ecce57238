package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * AdamW and its learning rate.
 *
 * @param learningRate highest learning rate
 * @param schedule course of the learning rate: {@code constant}, or {@code linear} for a decay to 0 at the last step
 * @param warmup share of all steps in which the rate rises linearly from 0; no warm-up if that is less than one step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the denominator
 * @param weightDecay decoupled weight decay; biases and norm weights are exempt
 * @param clip gradients are scaled down to at most this norm; 0 for no clipping
 */
public record OptimizerConfig(
        double learningRate,
        Schedule schedule,
        double warmup,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double clip) {
    /** Values of the reference's launch scripts for supervised training. */
    public static final OptimizerConfig SFT = new OptimizerConfig(1e-5, Schedule.LINEAR, 0.1, 0.9, 0.999, 1e-8, 0, 1);
    /** Values of the reference's launch scripts for reinforced fine-tuning. */
    public static final OptimizerConfig REFT = new OptimizerConfig(3e-7, Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0, 1);

    /** The same with a short warm-up: Adam's first updates are as large as its rate, whatever the gradient. */
    public static final OptimizerConfig RISING =
            new OptimizerConfig(3e-7, Schedule.CONSTANT, 0.05, 0.9, 0.999, 1e-8, 0, 1);

    /** The course of the learning rate after the warm-up. */
    public enum Schedule {
        CONSTANT,
        /** Down to 0 at the last step. */
        LINEAR
    }

    public OptimizerConfig {
        ConfigException.check(
                learningRate > 0 && learningRate < 1,
                "optimizer.learning-rate",
                learningRate,
                "a number above 0 and below 1");
        ConfigException.check(warmup >= 0 && warmup < 1, "optimizer.warmup", warmup, "a share in [0, 1)");
        ConfigException.check(beta1 >= 0 && beta1 < 1, "optimizer.beta1", beta1, "a number in [0, 1)");
        ConfigException.check(beta2 >= 0 && beta2 < 1, "optimizer.beta2", beta2, "a number in [0, 1)");
        ConfigException.check(epsilon > 0, "optimizer.epsilon", epsilon, "a number above 0");
        ConfigException.check(weightDecay >= 0, "optimizer.weight-decay", weightDecay, "0 or more");
        ConfigException.check(clip >= 0, "optimizer.clip", clip, "0 (none) or more");
    }

    /** The same with another highest rate. */
    public OptimizerConfig withRate(double highest) {
        return new OptimizerConfig(highest, schedule, warmup, beta1, beta2, epsilon, weightDecay, clip);
    }

    /** The rate of step {@code step} of {@code steps}, counted from 1. */
    public double rate(int step, int steps) {
        // A whole number of steps, as mwp_ReFT's int(0.1 * num_training_steps): of a part of one the only step would
        // have no rate.
        int rising = (int) (warmup * steps);
        if (step - 1 < rising) {
            return learningRate * (step - 1) / rising;
        }
        return schedule == Schedule.CONSTANT
                ? learningRate
                : learningRate * Math.max(0, steps - (step - 1)) / Math.max(1, steps - rising);
    }
}
