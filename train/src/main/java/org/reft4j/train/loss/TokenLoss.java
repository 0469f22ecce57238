package org.reft4j.train.loss;

import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;

/**
 * The losses of a training loop that brings its own advantages: sums over tokens, each times its weight. Averaging is the caller's
 * business, by the weights and advantages that it gives.
 */
public enum TokenLoss {
    /** {@code -log p}. */
    CROSS_ENTROPY,
    /** {@code -ratio x advantage}, with the ratio of the new probability to the one that sampled. */
    IMPORTANCE_SAMPLING,
    /** {@code -min(ratio x advantage, clipped ratio x advantage)} ({@link Surrogate#CLIPPED}). */
    PPO,
    /** {@code -clipped ratio x advantage x log p}, the ratio taken for a constant ({@link Surrogate#CISPO}). */
    CISPO,
    /** {@code -(log p x advantage - beta / 2 x (log p - sampled log p)^2)}: direct reward optimisation (Richemond et al. 2024, arXiv:2405.19107). */
    DRO,
    /** {@link #PPO} with one ratio for a whole completion ({@link ImportanceRatio#SEQUENCE}). */
    GSPO;

    /**
     * Numbers of a loss.
     *
     * @param low the ratio is clipped to at least this
     * @param high the ratio is clipped to at most this
     * @param beta weight of the squared distance in {@link #DRO}
     */
    public record Numbers(double low, double high, double beta) {
        /** A fifth to either side, as Schulman et al. 2017 (arXiv:1707.06347) have it. */
        public static final Numbers DEFAULTS = new Numbers(0.8, 1.2, 0.05);
    }

    /**
     * A sum over some tokens.
     *
     * @param total [] float32
     * @param ratio new over old probability of each token, [N]; ones where the loss has none
     * @param cut 1 where the ratio was clipped, else 0; [N]
     */
    public record Sum(Tensor total, Tensor ratio, Tensor cut) {}

    /** True if the loss needs advantages and the log-probabilities under the policy that sampled. */
    public boolean ofSamples() {
        return this != CROSS_ENTROPY;
    }

    /**
     * The loss of some rows.
     *
     * @param logprobs log-probabilities of the tokens under the weights as they are, float32 [N]
     * @param old what the caller knows of the same tokens; {@link #CROSS_ENTROPY} looks at the weights alone
     */
    public Sum of(Tensor logprobs, GrpoLoss.Old old, Numbers numbers) {
        return switch (this) {
            case CROSS_ENTROPY -> whole(logprobs.mul(old.weights()).sum().neg(), logprobs);
            case IMPORTANCE_SAMPLING -> {
                Tensor ratio = ClippedSurrogate.bounded(logprobs.sub(old.logprobs()));
                Tensor gain = ClippedSurrogate.weighted(ratio.mul(old.advantages()), old.weights());
                yield new Sum(gain.sum().neg(), ratio, ratio.detach().mul(Tensors.scalar(0)));
            }
            case DRO -> {
                Tensor moved = logprobs.sub(old.logprobs());
                Tensor gain =
                        logprobs.mul(old.advantages()).sub(moved.mul(moved).mul(Tensors.scalar(numbers.beta() / 2)));
                yield whole(ClippedSurrogate.weighted(gain, old.weights()).sum().neg(), logprobs);
            }
            case PPO -> clipped(logprobs, old, numbers, ImportanceRatio.TOKEN, Surrogate.CLIPPED);
            case CISPO -> clipped(logprobs, old, numbers, ImportanceRatio.TOKEN, Surrogate.CISPO);
            case GSPO -> clipped(logprobs, old, numbers, ImportanceRatio.SEQUENCE, Surrogate.CLIPPED);
        };
    }

    private static Sum whole(Tensor total, Tensor logprobs) {
        Tensor zeros = logprobs.detach().mul(Tensors.scalar(0));
        return new Sum(total, zeros.exp(), zeros);
    }

    private static Sum clipped(
            Tensor logprobs, GrpoLoss.Old old, Numbers numbers, ImportanceRatio ratio, Surrogate surrogate) {
        GrpoLossConfig config = new GrpoLossConfig(
                1, 0, ratio, surrogate, 1 - numbers.low(), numbers.high() - 1, LossAverage.TOKEN, 0, false, 0);
        GrpoLoss loss = GrpoLoss.of(logprobs, old, config);
        return new Sum(loss.total(), loss.ratio(), loss.cut());
    }
}
