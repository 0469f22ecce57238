package org.reft4j.train.learn;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;

/** Probability ratios of the tokens of one minibatch, and the share of tokens whose gradient clipping takes away. */
public final class UpdateRatios {
    private final Sums ratio = new Sums();
    private final Sums clipped = new Sums();
    private final Sums rounding = new Sums();
    private final boolean unmoved;

    /** @param unmoved true if no weight has changed since sampling, as before the first update of a step */
    public UpdateRatios(boolean unmoved) {
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
     * Adds a part of the minibatch.
     *
     * @param ratios [N]
     * @param cuts 1 where clipping takes the gradient away, else 0, [N]
     */
    public void add(Tensor ratios, Tensor cuts) {
        addAll(ratios, ratio);
        addAll(cuts, clipped);
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

    public void put(Map<String, Double> values) {
        values.put("ratio-mean", ratio.mean());
        values.put("clip-fraction", clipped.mean());
        if (unmoved) {
            values.put("clip-fraction-first", rounding.mean());
        }
    }
}
