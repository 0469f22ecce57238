package org.reft4j.train.measure;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Holm's step-down correction (1979): what a test's p is worth when it is one of several. Needs no assumption on how they depend. */
public final class HolmCorrection {
    private HolmCorrection() {}

    /**
     * Adjusted p-values: the i-th smallest of m times (m - i + 1), never below that of a smaller one, at most 1.
     *
     * @param p each in [0, 1]
     * @return in the order of {@code p}; a test is significant at level a if its adjusted value is at most a
     */
    public static List<Double> adjust(List<Double> p) {
        int tests = p.size();
        List<Integer> order = IntStream.range(0, tests)
                .boxed()
                .sorted(Comparator.comparingDouble(p::get))
                .toList();
        Double[] adjusted = new Double[tests];
        double largest = 0;
        for (int rank = 0; rank < tests; rank++) {
            largest = Math.max(largest, Math.min(1, p.get(order.get(rank)) * (tests - rank)));
            adjusted[order.get(rank)] = largest;
        }
        return List.of(adjusted);
    }
}
