package org.reft4j.train.loss;

import java.util.List;

/**
 * Rewards, advantages and returns of completions, on plain arrays: one entry per completion token, the end-of-text token included. The
 * reference code holds the same numbers in padded tensors under a mask.
 */
public final class Advantages {
    private static final double EPSILON = 1e-8;

    private Advantages() {}

    /**
     * The reward of every token, minus {@code beta} times the log-ratio to the reference.
     *
     * <p>Source: mwp_ReFT {@code train_rl_reft.py}, {@code rollout}; the paper's equation 4 with a single-sample KL.
     *
     * @param paid rewards per token from grading: in the paper the grade's reward on the last token and 0 before; step scores may add
     *     rewards on others
     * @param logprobs log-probabilities of the sampled tokens under the policy that sampled
     * @param reference the same under the frozen reference
     */
    public static float[] rewards(float[] paid, float[] logprobs, float[] reference, double beta) {
        float[] rewards = new float[logprobs.length];
        for (int t = 0; t < rewards.length; t++) {
            rewards[t] = (float) (-beta * (logprobs[t] - reference[t])) + paid[t];
        }
        return rewards;
    }

    /**
     * Generalised advantage estimation over one completion; the value after the last token is 0, even if the completion was cut off.
     *
     * <p>Source: Schulman et al. 2016 (arXiv:1506.02438), equation 16; mwp_ReFT {@code train_rl_reft.py}, {@code rollout}.
     *
     * @param rewards per token
     * @param values predicted return before each token, same length
     * @param gamma discount in (0, 1]
     * @param lambda in [0, 1]
     * @return advantages, same length, not whitened
     */
    public static float[] gae(float[] rewards, float[] values, double gamma, double lambda) {
        if (rewards.length != values.length) {
            throw new IllegalArgumentException(rewards.length + " rewards, but " + values.length + " values");
        }
        float[] advantages = new float[rewards.length];
        double behind = 0;
        for (int t = rewards.length - 1; t >= 0; t--) {
            double next = t + 1 < values.length ? values[t + 1] : 0;
            double delta = rewards[t] + gamma * next - values[t];
            behind = delta + gamma * lambda * behind;
            advantages[t] = (float) behind;
        }
        return advantages;
    }

    /**
     * The lambda of length-adaptive estimation: long completions get one near 1, so that the reward at their end reaches their beginning.
     *
     * <p>Source: VAPO (Yue et al. 2025, arXiv:2504.05118). Below {@code 1 / alpha} tokens the formula is negative; 0 is taken.
     *
     * @param alpha above 0
     * @param tokens number of tokens of the completion, at least 1
     */
    public static double lengthAdaptiveLambda(double alpha, int tokens) {
        return Math.max(0, 1 - 1 / (alpha * tokens));
    }

    /** The critic's targets: advantages before whitening plus the values. */
    public static float[] returns(float[] advantages, float[] values) {
        float[] returns = new float[advantages.length];
        for (int t = 0; t < returns.length; t++) {
            returns[t] = advantages[t] + values[t];
        }
        return returns;
    }

    /**
     * Shifts and scales to mean 0 and unbiased variance 1 over all tokens of all completions of a step (mwp_ReFT {@code src/utils.py},
     * {@code allgather_masked_whiten}).
     *
     * @return new arrays; a single token keeps its value
     */
    public static List<float[]> whiten(List<float[]> advantages) {
        long count = advantages.stream().mapToLong(row -> row.length).sum();
        if (count < 2) {
            return advantages;
        }
        double sum = 0;
        for (float[] row : advantages) {
            for (float value : row) {
                sum += value;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (float[] row : advantages) {
            for (float value : row) {
                squares += (value - mean) * (value - mean);
            }
        }
        double scale = 1 / Math.sqrt(squares / (count - 1) + EPSILON);
        return advantages.stream().map(row -> scaled(row, mean, scale)).toList();
    }

    private static float[] scaled(float[] row, double mean, double scale) {
        float[] result = new float[row.length];
        for (int t = 0; t < row.length; t++) {
            result[t] = (float) ((row[t] - mean) * scale);
        }
        return result;
    }
}
