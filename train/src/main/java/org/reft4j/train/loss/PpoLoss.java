package org.reft4j.train.loss;

import static org.reft4j.tensor.Tensors.scalar;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * The clipped objective of PPO (Schulman et al. 2017, equation 7) with a clipped value loss, as mwp_ReFT {@code train_rl_reft.py},
 * {@code train_one_epoch} computes it. All tensors are flat over the {@code N} completion tokens of some rows of a minibatch; the
 * weights say how they are averaged ({@link LossAverage}); in the paper each token has {@code 1 / (tokens of its completion x rows of the
 * minibatch)}, that is the mean over the tokens of each completion, then over completions. Summing the losses of all parts of a minibatch gives the minibatch's.
 *
 * @param total policy + value weight x value; [] float32
 * @param policy [] float32
 * @param value half the mean squared error; [] float32
 * @param ratio new over old probability of each token, [N], for metrics
 * @param cut 1 where clipping takes a token's gradient away, else 0; [N], for metrics
 */
public record PpoLoss(Tensor total, Tensor policy, Tensor value, Tensor ratio, Tensor cut) {

    /**
     * Figures of the tokens under the policy that sampled them.
     *
     * @param logprobs float32 [N]
     * @param values float32 [N]
     * @param advantages float32 [N], whitened
     * @param returns float32 [N]
     * @param weights float32 [N]
     */
    public record Old(Tensor logprobs, Tensor values, Tensor advantages, Tensor returns, Tensor weights) {
        /** The same where no weight has moved since: what is computed now, without its gradient, is what the policy that sampled says. */
        public Old sampledBy(Tensor now) {
            return new Old(now.detach(), values, advantages, returns, weights);
        }
    }

    public static PpoLoss of(Scores now, Old old, PpoConfig ppo) {
        Tensor newValues = now.values();
        if (newValues == null) {
            throw new IllegalArgumentException("PPO needs a policy with a value head");
        }
        PpoLoss alone = policyOnly(now.logprobs(), old, ppo);
        Tensor value = value(newValues, old, ppo); // []
        Tensor total = alone.policy.add(value.mul(scalar(ppo.valueWeight()))); // []
        return new PpoLoss(total, alone.policy, value, alone.ratio, alone.cut);
    }

    /** The policy's loss where the critic has a backbone of its own: the value loss is 0. {@code logprobs} are float32 [N]. */
    public static PpoLoss policyOnly(Tensor logprobs, Old old, PpoConfig ppo) {
        Tensor ratio = ClippedSurrogate.bounded(logprobs.sub(old.logprobs())); // [N]
        Tensor surrogate = ClippedSurrogate.of(ratio, old.advantages(), ppo.clip(), ppo.clipAbove());
        Tensor policy = surrogate.mul(old.weights()).sum().neg(); // []
        Tensor cut = ClippedSurrogate.cut(ratio, old.advantages(), ppo.clip(), ppo.clipAbove());
        return new PpoLoss(policy, policy, Tensors.zeros(Place.of(logprobs), DType.F32), ratio, cut);
    }

    /** The value loss alone, for the warm-up of the critic: [] float32. */
    public static Tensor value(Tensor values, Old old, PpoConfig ppo) {
        return valueErrors(values, old.values(), old.returns(), ppo.valueClip())
                .mul(old.weights())
                .sum()
                .mul(scalar(0.5));
    }

    /** The squared error of each value, or that of the value within {@code clip} of the old one, where it is larger: [N]. */
    static Tensor valueErrors(Tensor values, Tensor old, Tensor returns, double clip) {
        Tensor low = old.sub(scalar(clip));
        Tensor high = old.add(scalar(clip));
        Tensor near = torch.minimum(torch.maximum(values, low), high);
        return torch.maximum(values.sub(returns).square(), near.sub(returns).square());
    }
}
