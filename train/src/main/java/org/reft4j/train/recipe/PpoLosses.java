package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.loss.PpoLoss;

/** The losses of one minibatch of PPO, summed over its parts. */
final class PpoLosses {
    private final Sums ratio = new Sums();
    private final Sums clipped = new Sums();
    private double policy;
    private double value;
    private double total;

    void add(PpoLoss loss, PpoConfig ppo) {
        policy += Tensors.toDouble(loss.policy());
        value += Tensors.toDouble(loss.value());
        total += Tensors.toDouble(loss.total());
        for (float r : Tensors.toFloats(loss.ratio())) {
            ratio.add(r);
            clipped.add(1 - r > ppo.clip() || r - 1 > ppo.clipAbove() ? 1 : 0);
        }
    }

    /** A part of a minibatch in which only the critic learns. */
    void addValue(Tensor loss) {
        addCritic(loss);
        ratio.add(1);
        clipped.add(0);
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
        values.put("ratio-mean", ratio.mean());
        values.put("clip-fraction", clipped.mean());
        values.put("loss-policy", policy);
        values.put("loss-value", value);
        values.put("loss-total", total);
        return values;
    }
}
