package org.reft4j.train.learn;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.random.Seeds;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Initial weights of a new head: all zero, or uniform within ± 1 / sqrt(E) as in torch.nn.Linear.
 *
 * @param width size of the hidden states, E
 */
record NewHead(Seeds seeds, int width) {
    /**
     * Draws one part.
     *
     * @param part 0 for the weight [1, E], 1 for the bias [1]
     * @param key key of the random numbers, in addition to the seed
     */
    Tensor numbers(int part, boolean zero, int key) {
        SplittableRandom random = Seeds.stream(seeds.key(Seeds.Purpose.VALUE_HEAD, key));
        double bound = zero ? 0 : 1 / Math.sqrt(width);
        float[] values = new float[part == 0 ? width : 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
        }
        return part == 0 ? Tensors.floats(Place.HOST, values, 1, width) : Tensors.floats(Place.HOST, values, 1);
    }
}
