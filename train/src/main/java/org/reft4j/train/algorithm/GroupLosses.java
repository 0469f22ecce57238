package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.learn.UpdateRatios;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.rollout.GroupExperience;

/** The losses of one minibatch of group-relative policy optimisation, summed over its parts. */
final class GroupLosses implements Loss<GroupLosses> {
    private final UpdateRatios ratios;
    private double policy;
    private double kl;
    private double total;

    private final GroupExperience experience;
    private final int[] minibatch;
    private final GrpoLossConfig config;

    /**
     * @param minibatch indices of the completions
     * @param unmoved true if no weight has changed since sampling, as before the first update of a step
     */
    GroupLosses(GroupExperience experience, int[] minibatch, GrpoLossConfig config, boolean unmoved) {
        this.experience = experience;
        this.minibatch = minibatch;
        this.config = config;
        this.ratios = new UpdateRatios(unmoved);
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        int[] group = Arrays.stream(items).map(i -> minibatch[i]).toArray();
        if (ratios.unmoved()) {
            experience.measure(group, Tensors.toFloats(scores.logprobs()));
        }
        GrpoLoss.Old old = old(scores.logprobs(), experience.old(group, minibatch, config));
        GrpoLoss loss = GrpoLoss.of(scores.logprobs(), old, config);
        add(loss);
        return loss.total();
    }

    @Override
    public GroupLosses figures() {
        return this;
    }

    /**
     * The old policy's figures for the ratios. If no weight has changed since sampling, the policy is compared with itself: ratios are
     * exactly 1 and the gradient is the plain policy gradient, whatever the rounding of the earlier pass.
     */
    GrpoLoss.Old old(Tensor now, GrpoLoss.Old measured) {
        if (!ratios.unmoved()) {
            return measured;
        }
        ratios.addRounding(GrpoLoss.of(now.detach(), measured, config).cut());
        return measured.sampledBy(now);
    }

    /** The share of tokens that would be cut though no weight has moved: by the rounding between two passes. */
    double rounding() {
        return ratios.rounding();
    }

    void add(GrpoLoss loss) {
        policy += Tensors.toDouble(loss.policy());
        kl += Tensors.toDouble(loss.kl());
        total += Tensors.toDouble(loss.total());
        ratios.add(loss.ratio(), loss.cut());
    }

    double total() {
        return total;
    }

    /** By the names that docs/algorithms/grpo.md explains. */
    Map<String, Double> told() {
        Map<String, Double> values = new LinkedHashMap<>();
        ratios.put(values);
        values.put("loss-policy", policy);
        values.put("loss-kl", kl);
        values.put("loss-total", total);
        return values;
    }
}
