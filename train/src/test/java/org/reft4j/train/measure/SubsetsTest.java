package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SubsetsTest {
    private static List<String> subsets(int n, int k, int limit) {
        return Subsets.of(n, k, limit, new SplittableRandom(3)).stream()
                .map(Arrays::toString)
                .toList();
    }

    @Test
    void fewAreListed() {
        assertEquals(List.of("[0, 1]", "[0, 2]", "[0, 3]", "[1, 2]", "[1, 3]", "[2, 3]"), subsets(4, 2, 6));
        assertEquals(List.of("[0, 1, 2]"), subsets(3, 3, 1));
        assertEquals(List.of("[0]", "[1]", "[2]"), subsets(3, 1, 100));
    }

    @Test
    void manyAreDrawnAscendingAndWithoutRepetition() {
        List<int[]> drawn = Subsets.of(100, 50, 20, new SplittableRandom(3));
        assertEquals(20, drawn.size());
        for (int[] subset : drawn) {
            assertEquals(50, subset.length);
            assertEquals(50, Arrays.stream(subset).distinct().count());
            assertTrue(subset[0] >= 0 && subset[49] < 100);
            assertTrue(Arrays.equals(subset, Arrays.stream(subset).sorted().toArray()));
        }
    }

    @Test
    void everyNumberIsDrawnAboutEquallyOften() {
        // C(6, 3) = 20 > 19, so these are random. Each number is in half of the subsets.
        int[] counts = new int[6];
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 500; round++) {
            Subsets.of(6, 3, 19, random).forEach(subset -> Arrays.stream(subset).forEach(i -> counts[i]++));
        }
        // 9,500 subsets: 4,750 expected, standard deviation sqrt(9500 / 4) = 49.
        Arrays.stream(counts).forEach(count -> assertEquals(4750, count, 5 * 49));
    }
}
