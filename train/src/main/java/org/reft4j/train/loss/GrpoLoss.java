package org.reft4j.train.loss;

import static org.reft4j.tensor.Tensors.scalar;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * The objective of group-relative policy optimisation (Shao et al. 2024, DeepSeekMath, arXiv:2402.03300, equation 3) and of its variants:
 * the clipped objective of PPO with advantages that need no critic, plus a KL divergence to a reference. All tensors are flat over the
 * {@code N} completion tokens of some rows of a minibatch; the weights say how they are averaged ({@link LossAverage}). Summing the losses
 * of all parts of a minibatch gives the minibatch's.
 *
 * @param total policy + coefficient x kl; [] float32
 * @param policy [] float32
 * @param kl weighted mean of the k3 estimator, 0 without a reference; [] float32
 * @param ratio new over old probability, of each token or of its whole completion, [N], for metrics
 * @param cut 1 where clipping takes a token's gradient away, or with CISPO bounds its weight, else 0; [N], for metrics
 */
public record GrpoLoss(Tensor total, Tensor policy, Tensor kl, Tensor ratio, Tensor cut) {

    /**
     * Figures of the tokens of {@code B} completions under the policy that sampled them.
     *
     * @param logprobs float32 [N]
     * @param reference log-probabilities under the reference, float32 [N]; {@code null} without one
     * @param advantages float32 [N], the same for all tokens of a completion
     * @param weights float32 [N]
     * @param rows number of the completion that each token belongs to, int64 [N], from 0
     * @param lengths tokens of each completion, float32 [B]
     */
    public record Old(
            Tensor logprobs,
            @Nullable Tensor reference,
            Tensor advantages,
            Tensor weights,
            Tensor rows,
            Tensor lengths) {
        /** The same where no weight has moved since: what is computed now, without its gradient, is what the policy that sampled says. */
        public Old sampledBy(Tensor now) {
            return new Old(now.detach(), reference, advantages, weights, rows, lengths);
        }
    }

    /**
     * The losses of some rows.
     *
     * @param logprobs log-probabilities of the tokens under the current policy, float32 [N]
     * @param old the old figures of the same tokens
     */
    public static GrpoLoss of(Tensor logprobs, Old old, GrpoLossConfig config) {
        Tensor moved = logprobs.sub(old.logprobs()); // [N]
        Tensor ratio = switch (config.ratio()) {
            case TOKEN -> ClippedSurrogate.bounded(moved);
            case SEQUENCE -> ClippedSurrogate.bounded(meanOfCompletion(moved, old));
        };
        Tensor surrogate = switch (config.surrogate()) {
            case CLIPPED -> ClippedSurrogate.of(ratio, old.advantages(), config.clipLow(), config.clipHigh());
            case CISPO ->
                ClippedSurrogate.clipped(ratio.detach(), config.clipLow(), config.clipHigh())
                        .mul(old.advantages())
                        .mul(logprobs);
        };
        Tensor cut = switch (config.surrogate()) {
            case CLIPPED -> ClippedSurrogate.cut(ratio, old.advantages(), config.clipLow(), config.clipHigh());
            // No gradient is cut: report the tokens whose weight is bounded instead.
            case CISPO ->
                ClippedSurrogate.clipped(ratio, config.clipLow(), config.clipHigh())
                        .ne(ratio)
                        .to(DType.F32.scalarType());
        };
        Tensor policy =
                ClippedSurrogate.weighted(surrogate, old.weights()).sum().neg(); // []
        Tensor reference = old.reference();
        if (reference == null) {
            return new GrpoLoss(policy, policy, Tensors.zeros(Place.of(logprobs), DType.F32), ratio, cut);
        }
        Tensor kl = ClippedSurrogate.weighted(k3(logprobs, reference), old.weights())
                .sum(); // []
        return new GrpoLoss(policy.add(kl.mul(scalar(config.kl()))), policy, kl, ratio, cut);
    }

    /** Every token's figure replaced by the mean over its completion: [N]; gradients reach all of its tokens. */
    private static Tensor meanOfCompletion(Tensor figures, Old old) {
        Tensor sums = Tensors.zeros(Place.of(figures), DType.F32, Tensors.shape(old.lengths()))
                .index_add(0, old.rows(), figures); // [B]
        return sums.div(old.lengths()).index_select(0, old.rows());
    }

    /**
     * An estimate of the KL divergence from each token, never below 0: {@code exp(q) - 1 - q} with {@code q} the reference's
     * log-probability minus the policy's (Schulman 2020, "Approximating KL divergence", k3; DeepSeekMath, equation 4).
     */
    private static Tensor k3(Tensor logprobs, Tensor reference) {
        Tensor difference = reference.sub(logprobs); // [N]
        return ClippedSurrogate.bounded(difference).sub(scalar(1)).sub(difference);
    }
}
