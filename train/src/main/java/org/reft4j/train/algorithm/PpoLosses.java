package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.learn.UpdateRatios;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;
import org.reft4j.train.rollout.Experience;

/** The losses of one minibatch of PPO, summed over its parts. */
final class PpoLosses implements Loss<PpoLosses> {
    private final UpdateRatios ratios;
    private double policy;
    private double value;
    private double total;

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
        this.ratios = new UpdateRatios(unmoved);
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        PpoLoss.Old old = old(scores.logprobs(), measured(items));
        PpoLoss loss = critic ? PpoLoss.of(scores, old, ppo) : PpoLoss.policyOnly(scores.logprobs(), old, ppo);
        add(loss);
        return loss.total();
    }

    /** The loss of the critic alone, added up over the parts of the minibatch. */
    Learner.ValueLoss<Double> values() {
        return new Learner.ValueLoss<>() {
            private double sum;

            @Override
            public Tensor of(int[] items, Tensor values) {
                Tensor loss = PpoLoss.value(values, measured(items), ppo);
                sum += Tensors.toDouble(loss);
                return loss;
            }

            @Override
            public Double figures() {
                return sum;
            }
        };
    }

    private PpoLoss.Old measured(int[] items) {
        return experience.old(Arrays.stream(items).map(i -> minibatch[i]).toArray(), minibatch);
    }

    @Override
    public PpoLosses figures() {
        return this;
    }

    /**
     * The old policy's figures for the ratios. If no weight has changed since sampling, the policy is compared with itself: ratios are
     * exactly 1 and the gradient is the plain policy gradient, whatever the rounding of the earlier pass.
     */
    PpoLoss.Old old(Tensor now, PpoLoss.Old measured) {
        if (!ratios.unmoved()) {
            return measured;
        }
        ratios.addRounding(PpoLoss.policyOnly(now.detach(), measured, ppo).cut());
        return measured.sampledBy(now);
    }

    /** The share of tokens that would be cut though no weight has moved: by the rounding between two passes. */
    double rounding() {
        return ratios.rounding();
    }

    void add(PpoLoss loss) {
        policy += Tensors.toDouble(loss.policy());
        value += Tensors.toDouble(loss.value());
        total += Tensors.toDouble(loss.total());
        ratios.add(loss.ratio(), loss.cut());
    }

    /** Adds what the critic learned by itself: all that is learned where the policy rests. */
    PpoLosses with(double criticLoss, boolean resting) {
        value += criticLoss;
        total += criticLoss;
        if (resting) {
            ratios.addResting();
        }
        return this;
    }

    double total() {
        return total;
    }

    /** By the names that docs/algorithms/reft.md explains. */
    Map<String, Double> told() {
        Map<String, Double> values = new LinkedHashMap<>();
        ratios.put(values);
        values.put("loss-policy", policy);
        values.put("loss-value", value);
        values.put("loss-total", total);
        return values;
    }
}
