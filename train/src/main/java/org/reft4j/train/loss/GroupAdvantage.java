package org.reft4j.train.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Advantage of a completion over others, usually those of the same question; it holds for all of its tokens and needs no critic. */
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
    LEAVE_ONE_OUT,
    /**
     * {@code (r - mean) / (std + 1e-6)} over all completions of a step, whatever their question; also where each question is answered once:
     * REINFORCE++ (Hu et al. 2025, arXiv:2501.03262).
     */
    BATCH,
    /**
     * {@code r - mean of its question}, divided by the standard deviation of these differences over all completions of a step:
     * REINFORCE++-baseline (the same paper).
     */
    @JsonProperty("batch-scaled")
    BATCH_SCALED;

    /** Keeps the quotient finite; negligible compared with a standard deviation of rewards. */
    private static final double EPSILON = 1e-6;

    /**
     * The advantages of the completions of a step.
     *
     * @param rewards the rewards of each question's completions
     * @return for each question, the advantages of its completions
     */
    public List<float[]> of(List<double[]> rewards) {
        return switch (this) {
            case GROUP, UNSCALED, LEAVE_ONE_OUT ->
                rewards.stream().map(this::of).toList();
            case BATCH -> parted(GROUP.of(all(rewards)), rewards);
            case BATCH_SCALED -> {
                // The differences of a question add up to 0, and so do those of all: no second mean is taken off.
                double[] differences =
                        all(rewards.stream().map(GroupAdvantage::differences).toList());
                yield parted(GROUP.of(differences), rewards);
            }
        };
    }

    private static double[] differences(double[] rewards) {
        double mean = Arrays.stream(rewards).average().orElse(0);
        return Arrays.stream(rewards)
                .map(reward -> differ(rewards) ? reward - mean : 0)
                .toArray();
    }

    private static double[] all(List<double[]> rewards) {
        return rewards.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** Figures of all completions, cut by question. */
    private static List<float[]> parted(float[] all, List<double[]> questions) {
        List<float[]> parts = new ArrayList<>();
        int at = 0;
        for (double[] question : questions) {
            parts.add(Arrays.copyOfRange(all, at, at + question.length));
            at += question.length;
        }
        return parts;
    }

    /**
     * The advantages of a group.
     *
     * @param rewards the rewards of one question's completions
     * @return one advantage for each; all exactly 0 if all rewards are equal, or if there is only one
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
            case BATCH, BATCH_SCALED ->
                throw new IllegalStateException("the advantage " + this + " is of all completions of a step together");
        };
        for (int i = 0; i < size; i++) {
            advantages[i] = (float) ((rewards[i] - mean) * scale);
        }
        return advantages;
    }

    /** True if the rewards are not all equal. */
    public static boolean differ(double... rewards) {
        return Arrays.stream(rewards).anyMatch(reward -> reward != rewards[0]);
    }
}
