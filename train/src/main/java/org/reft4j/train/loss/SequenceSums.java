package org.reft4j.train.loss;

import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** Log-probabilities of whole completions, from those of their tokens. */
public final class SequenceSums {
    private SequenceSums() {}

    /**
     * Adds up what belongs to each completion.
     *
     * @param tokens float32 [N], row after row
     * @param lengths tokens of each row; N in all
     * @return float32 [R]; gradients go through it
     */
    public static Tensor of(Tensor tokens, int[] lengths) {
        long[] rows = new long[Math.toIntExact(tokens.numel())];
        int at = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < lengths[row]; i++) {
                rows[at++] = row;
            }
        }
        Place place = Place.of(tokens);
        return Tensors.zeros(place, DType.F32, lengths.length)
                .index_add(0, Tensors.longs(place, rows, rows.length), tokens);
    }
}
