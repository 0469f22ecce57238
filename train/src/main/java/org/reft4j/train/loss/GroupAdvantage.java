package org.reft4j.train.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/** How much better a completion is than the others of its question: the advantage of all its tokens, without a critic. */
public enum GroupAdvantage {
    /**
     * {@code (r - mean) / (std + 1e-6)}, the standard deviation being the unbiased one: GRPO (Shao et al. 2024, DeepSeekMath,
     * arXiv:2402.03300, section 4.1.2).
     */
    GROUP,
    /** {@code r - mean}: Dr. GRPO (Liu et al. 2025, arXiv:2503.20783, section 3.2). */
    UNSCALED,
    /** {@code r - mean of the others}: RLOO (Ahmadian et al. 2024, arXiv:2402.14740, equation 8). */
    @JsonProperty("leave-one-out")
    LEAVE_ONE_OUT;

    /** Keeps the quotient finite; too small to be seen beside a standard deviation of rewards. */
    private static final double EPSILON = 1e-6;

    /**
     * The advantages of a group.
     *
     * @param rewards of the completions of one question
     * @return one for each; all exactly 0 where all rewards are the same, as where there is only one
     */
    public float[] of(double... rewards) {
        float[] advantages = new float[rewards.length];
        if (!differ(rewards)) {
            return advantages;
        }
        int size = rewards.length;
        double mean = Arrays.stream(rewards).sum() / size;
        double squares =
                Arrays.stream(rewards).map(r -> (r - mean) * (r - mean)).sum();
        double scale = switch (this) {
            case GROUP -> 1 / (Math.sqrt(squares / (size - 1)) + EPSILON);
            case UNSCALED -> 1;
            // r - (sum - r) / (G - 1) is G / (G - 1) times r - mean.
            case LEAVE_ONE_OUT -> (double) size / (size - 1);
        };
        for (int i = 0; i < size; i++) {
            advantages[i] = (float) ((rewards[i] - mean) * scale);
        }
        return advantages;
    }

    /** Whether rewards say which completion was better. */
    public static boolean differ(double... rewards) {
        return Arrays.stream(rewards).anyMatch(reward -> reward != rewards[0]);
    }
}
