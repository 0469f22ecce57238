package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;

/** The losses of one minibatch of PPO, summed over its parts. */
final class PpoLosses {
    private final UpdateRatios ratios;
    private double policy;
    private double value;
    private double total;

    /** @param unmoved whether no weight has moved since the completions were sampled, as before the first update of a step */
    PpoLosses(boolean unmoved) {
        ratios = new UpdateRatios(unmoved);
    }

    boolean unmoved() {
        return ratios.unmoved();
    }

    /**
     * What the policy now is compared with. Where it has not moved that is itself: its ratios are 1, and the loss is that of the policy
     * gradient, whatever the rounding of the pass that measured before.
     */
    PpoLoss.Old old(Tensor now, PpoLoss.Old measured, PpoConfig ppo) {
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

    /** A part of a minibatch in which only the critic learns. */
    void addValue(Tensor loss) {
        addCritic(loss);
        ratios.addResting();
    }

    /** What the critic learns from a part of which the policy learns too, on a trunk of its own. */
    void addCritic(Tensor loss) {
        value += Tensors.toDouble(loss);
        total += Tensors.toDouble(loss);
    }

    double total() {
        return total;
    }

    /** By the names that docs/algorithms/reft.md explains. */
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        ratios.put(values);
        values.put("loss-policy", policy);
        values.put("loss-value", value);
        values.put("loss-total", total);
        return values;
    }
}
