package org.reft4j.train.loss;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The clipped objective of PPO (Schulman et al. 2017, arXiv:1707.06347, equation 7), which GRPO and its kin have too. */
final class ClippedSurrogate {
    private ClippedSurrogate() {}

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
        Tensor clipped =
                torch.clamp(ratio, new ScalarOptional(new Scalar(1 - low)), new ScalarOptional(new Scalar(1 + high)));
        return torch.minimum(ratio.mul(advantages), clipped.mul(advantages));
    }
}
