package org.reft4j.train.loss;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** The clipped objective of PPO (Schulman et al. 2017, arXiv:1707.06347, equation 7), which GRPO and its kin have too. */
final class ClippedSurrogate {
    /** Beyond it a probability has changed by a factor of half a billion, which no sum bears; as verl's {@code compute_policy_loss}. */
    private static final double LARGEST_EXPONENT = 20;

    private ClippedSurrogate() {}

    /** {@code exp}, of numbers within ± 20. */
    static Tensor bounded(Tensor exponents) {
        return torch.clamp(
                        exponents,
                        new ScalarOptional(new Scalar(-LARGEST_EXPONENT)),
                        new ScalarOptional(new Scalar(LARGEST_EXPONENT)))
                .exp();
    }

    /** Each figure times its weight, and 0 where the weight is, whatever the figure. */
    static Tensor weighted(Tensor figures, Tensor weights) {
        return torch.where(
                weights.eq(new Scalar(0.0)), Tensors.zeros(Place.of(figures), DType.F32), figures.mul(weights));
    }

    /**
     * The smaller of {@code ratio x advantage} with and without clipping: what is to be maximised.
     *
     * @param ratio new over old probability, float32 [N]
     * @param advantages float32 [N]
     * @param low the ratio is clipped to at least {@code 1 - low}
     * @param high the ratio is clipped to at most {@code 1 + high}
     * @return float32 [N]
     */
    static Tensor of(Tensor ratio, Tensor advantages, double low, double high) {
        return torch.minimum(ratio.mul(advantages), clipped(ratio, low, high).mul(advantages));
    }

    /**
     * Mask of tokens that lose their gradient to clipping (verl's {@code pg_clipfrac}): 1 where the clipped term is the smaller one, else
     * 0. A ratio outside the range keeps its gradient where the unclipped term is the smaller one.
     *
     * @return float32 [N]
     */
    static Tensor cut(Tensor ratio, Tensor advantages, double low, double high) {
        return clipped(ratio, low, high)
                .mul(advantages)
                .lt(ratio.mul(advantages))
                .to(DType.F32.scalarType());
    }

    static Tensor clipped(Tensor ratio, double low, double high) {
        return torch.clamp(ratio, new ScalarOptional(new Scalar(1 - low)), new ScalarOptional(new Scalar(1 + high)));
    }
}
