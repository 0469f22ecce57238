package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;

/** The losses of one minibatch of group-relative policy optimisation, summed over its parts. */
final class GroupLosses {
    private final UpdateRatios ratios;
    private double policy;
    private double kl;
    private double total;

    /** @param unmoved whether no weight has moved since the completions were sampled, as before the first update of a step */
    GroupLosses(boolean unmoved) {
        ratios = new UpdateRatios(unmoved);
    }

    boolean unmoved() {
        return ratios.unmoved();
    }

    /**
     * What the policy now is compared with. Where it has not moved that is itself: its ratios are 1, and the loss is that of the policy
     * gradient, whatever the rounding of the pass that measured before.
     */
    GrpoLoss.Old old(Tensor now, GrpoLoss.Old measured, GrpoLossConfig config) {
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
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        ratios.put(values);
        values.put("loss-policy", policy);
        values.put("loss-kl", kl);
        values.put("loss-total", total);
        return values;
    }
}
