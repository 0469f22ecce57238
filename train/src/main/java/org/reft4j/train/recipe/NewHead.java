package org.reft4j.train.recipe;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;

/** The start of a linear layer that is put on a trunk. */
final class NewHead {
    private NewHead() {}

    /**
     * All zero, or torch.nn.Linear's start: uniform within ± 1 / sqrt(E).
     *
     * @param width of the trunk, E
     * @param part 0 is the weight [1, E], part 1 the bias [1]
     * @param key beside the seed, what the numbers are drawn with
     */
    static Tensor values(long seed, int width, int part, boolean zero, int key) {
        SplittableRandom random = new SplittableRandom(new Seeds(seed).key(Seeds.Purpose.VALUE_HEAD, key));
        double bound = zero ? 0 : 1 / Math.sqrt(width);
        float[] values = new float[part == 0 ? width : 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
        }
        return part == 0 ? Tensors.floats(values, 1, width) : Tensors.floats(values, 1);
    }
}
