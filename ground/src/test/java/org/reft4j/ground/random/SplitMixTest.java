package org.reft4j.ground.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SplitMixTest {
    /** The generator of the JDK is the reference: its first number is the hash of its seed plus one step. */
    @Test
    void hashIsThatOfTheJdk() {
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE, Long.MAX_VALUE, 0x123456789abcdefL}) {
            assertEquals(new SplittableRandom(seed).nextLong(), SplitMix.mix(seed + SplitMix.GOLDEN_GAMMA));
            assertEquals(new SplittableRandom(seed).nextLong(), Seeds.first(seed));
        }
    }

    /** Keys are the hash of the hash: recorded draws of older runs hang on it. */
    @Test
    void keysOfOlderRunsStay() {
        long step = SplitMix.GOLDEN_GAMMA;
        long purpose = SplitMix.mix(7 + 2 * step);
        long expected = SplitMix.mix(SplitMix.mix(purpose + step * (3 + 1)) + step * (5 + 1));
        assertEquals(expected, new Seeds(7).key(Seeds.Purpose.SAMPLE, 3, 5));
    }
}
