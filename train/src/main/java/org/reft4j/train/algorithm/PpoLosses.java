package org.reft4j.train.algorithm;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.learn.UpdateLosses;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;

/** The losses of one minibatch of PPO, summed over its parts. */
final class PpoLosses implements Loss<UpdateLosses> {
    private final UpdateLosses sums;
    private final Experience experience;
    private final int[] minibatch;
    private final PpoConfig ppo;
    private final boolean critic;

    /**
     * @param minibatch indices of the completions
     * @param critic true if the value head on the policy's own layers is trained too
     * @param unmoved true if no weight has changed since sampling, as before the first update of a step
     */
    PpoLosses(Experience experience, int[] minibatch, PpoConfig ppo, boolean critic, boolean unmoved) {
        this.experience = experience;
        this.minibatch = minibatch;
        this.ppo = ppo;
        this.critic = critic;
        this.sums = new UpdateLosses("loss-value", unmoved);
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        PpoLoss.Old old = old(scores.logprobs(), measured(Place.of(scores.logprobs()), items));
        PpoLoss loss = critic ? PpoLoss.of(scores, old, ppo) : PpoLoss.policyOnly(scores.logprobs(), old, ppo);
        sums.add(loss.policy(), loss.value(), loss.total(), loss.ratio(), loss.cut());
        return loss.total();
    }

    /** The loss of the critic alone, added up over the parts of the minibatch. */
    Learner.ValueLoss<Double> values() {
        return new Learner.ValueLoss<>() {
            private double sum;

            @Override
            public Tensor of(int[] items, Tensor values) {
                Tensor loss = PpoLoss.value(values, measured(Place.of(values), items), ppo);
                sum += Tensors.toDouble(loss);
                return loss;
            }

            @Override
            public Double figures() {
                return sum;
            }
        };
    }

    private PpoLoss.Old measured(Place place, int[] items) {
        return experience.old(place, Arrays.stream(items).map(i -> minibatch[i]).toArray(), minibatch);
    }

    @Override
    public UpdateLosses figures() {
        return sums;
    }

    /**
     * The old policy's figures for the ratios. If no weight has changed since sampling, the policy is compared with itself: ratios are
     * exactly 1 and the gradient is the plain policy gradient, whatever the rounding of the earlier pass.
     */
    PpoLoss.Old old(Tensor now, PpoLoss.Old measured) {
        if (!sums.unmoved()) {
            return measured;
        }
        sums.addRounding(PpoLoss.policyOnly(now.detach(), measured, ppo).cut());
        return measured.sampledBy(now);
    }

    /**
     * Adds the gradients of a minibatch to policy and critic; in the critic's warm-up to the critic alone.
     *
     * @param critic the policy itself if they share their layers
     * @param unmoved true if no weight has changed since sampling
     */
    static UpdateLosses forwardBackward(
            Learner policy,
            Learner critic,
            Experience experience,
            int[] minibatch,
            PpoConfig ppo,
            boolean criticOnly,
            boolean unmoved) {
        boolean shared = critic == policy;
        Batch batch = Batch.of(experience.rows(minibatch));
        PpoLosses resting = new PpoLosses(experience, minibatch, ppo, shared, unmoved);
        Learner.Reach reach = shared ? Learner.Reach.HEAD : Learner.Reach.BACKBONE;
        double value = shared && !criticOnly ? 0 : critic.forwardBackwardValues(batch, reach, resting::values);
        UpdateLosses losses = criticOnly
                ? resting.figures()
                : policy.forwardBackward(batch, () -> new PpoLosses(experience, minibatch, ppo, shared, unmoved));
        losses.addOther(value);
        if (criticOnly) {
            losses.addResting();
        }
        return losses;
    }
}
