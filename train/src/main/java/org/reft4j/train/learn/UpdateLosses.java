package org.reft4j.train.learn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;

/**
 * Losses and probability ratios of one minibatch under a clipped objective, summed over its parts. Besides the policy's loss the objective
 * has one more term.
 */
public final class UpdateLosses {
    private final Sums ratio = new Sums();
    private final Sums clipped = new Sums();
    private final Sums rounding = new Sums();
    private final String term;
    private final boolean unmoved;
    private double policy;
    private double other;
    private double total;

    /**
     * @param term metric of the other term, such as {@code loss-kl}
     * @param unmoved true if no weight has changed since sampling, as before the first update of a step
     */
    public UpdateLosses(String term, boolean unmoved) {
        this.term = term;
        this.unmoved = unmoved;
    }

    public boolean unmoved() {
        return unmoved;
    }

    /** @param cuts mask of tokens that would be clipped although no weight has changed, [N] */
    public void addRounding(Tensor cuts) {
        addAll(cuts, rounding);
    }

    /** The share of tokens that would be cut though no weight has moved: by the rounding between two passes. */
    public double rounding() {
        return rounding.mean();
    }

    /**
     * Adds the losses of a part of the minibatch, each [].
     *
     * @param ratios [N]
     * @param cuts 1 where clipping takes the gradient away, else 0, [N]
     */
    public void add(Tensor policyLoss, Tensor otherLoss, Tensor totalLoss, Tensor ratios, Tensor cuts) {
        policy += Tensors.toDouble(policyLoss);
        other += Tensors.toDouble(otherLoss);
        total += Tensors.toDouble(totalLoss);
        addAll(ratios, ratio);
        addAll(cuts, clipped);
    }

    /** Adds a loss of the other term that was computed by itself. */
    public void addOther(double loss) {
        other += loss;
        total += loss;
    }

    /** Adds a part in which the policy does not learn. */
    public void addResting() {
        ratio.add(1);
        clipped.add(0);
    }

    private static void addAll(Tensor figures, Sums sums) {
        for (float figure : Tensors.toFloats(figures)) {
            sums.add(figure);
        }
    }

    public double total() {
        return total;
    }

    /** By the names that docs/algorithms/reft.md and grpo.md explain. */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("ratio-mean", ratio.mean());
        values.put("clip-fraction", clipped.mean());
        if (unmoved) {
            values.put("clip-fraction-first", rounding.mean());
        }
        values.put("loss-policy", policy);
        values.put(term, other);
        values.put("loss-total", total);
        return values;
    }
}
