package org.reft4j.train.recipe;

import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel.Scores;

/**
 * A loss of a {@link Batch}, worked out part by part.
 *
 * @param <F> the figures that are told of it
 */
interface Loss<F> {
    /**
     * The loss of a part. Those of all parts add up to the loss of the batch.
     *
     * @param items the numbers of the part's items
     * @param scores of the completion tokens of the items' rows, in their order
     * @return float32 []
     */
    Tensor of(int[] items, Scores scores);

    /** The figures, once all parts were seen. */
    F figures();
}
