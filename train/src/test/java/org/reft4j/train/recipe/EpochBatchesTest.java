package org.reft4j.train.recipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.random.Seeds;

class EpochBatchesTest {
    private static final Seeds SEEDS = new Seeds(42);

    /** 2 + 2 + 1 are 5, and one epoch and a half of 3 batches are 4.5. */
    @Test
    void counts() {
        EpochBatches batches = new EpochBatches(5, 2, 1.5);
        assertEquals(3, batches.perEpoch());
        assertEquals(5, batches.steps());
        assertEquals(2.0 / 3, batches.epoch(2));
    }

    /** The keys of orders are part of what a resumed run needs. */
    @Test
    void anEpochTakesEachOnceInItsOwnOrder() {
        EpochBatches batches = new EpochBatches(5, 2, 2);
        for (int epoch = 0; epoch < 2; epoch++) {
            int first = 3 * epoch + 1;
            int[] order = IntStream.range(first, first + 3)
                    .flatMap(step -> Arrays.stream(batches.items(step, SEEDS)))
                    .toArray();
            assertArrayEquals(SEEDS.permutation(5, Seeds.Purpose.SHUFFLE, epoch), order);
        }
        assertEquals(1, batches.items(3, SEEDS).length, "the last of an epoch");
    }

    @Test
    void coordinatesStandBeforeTheEpoch() {
        EpochBatches batches = new EpochBatches(5, 5, 2);
        int[] second = batches.items(2, SEEDS, 7);
        assertArrayEquals(SEEDS.permutation(5, Seeds.Purpose.SHUFFLE, 7, 1), second);
        assertFalse(Arrays.equals(second, batches.items(2, SEEDS)));
    }
}
