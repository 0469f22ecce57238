package org.reft4j.train.learn;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.model.TokenHits;

/**
 * A loss of a {@link Batch}, computed part by part.
 *
 * @param <F> type of its figures
 */
public interface Loss<F> {
    /**
     * The loss of one part of a batch. The losses of all parts add up to that of the batch.
     *
     * @param items indices of the part's items
     * @param scores scores of the completion tokens of the items' rows, in their order
     * @return float32 []
     */
    Tensor of(int[] items, Scores scores);

    /** Told which tokens of a part are the likeliest, before the part's loss is asked for; {@code null} where nobody wants to know. */
    default @Nullable TokenHits hits() {
        return null;
    }

    /** The figures, once all parts were seen. */
    F figures();
}
