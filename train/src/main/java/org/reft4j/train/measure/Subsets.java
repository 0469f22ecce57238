package org.reft4j.train.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Which k of n completions vote. */
final class Subsets {
    private Subsets() {}

    /**
     * All subsets of {@code k} numbers below {@code n} where there are at most {@code limit}, else {@code limit} random ones.
     *
     * @param k from 1 to {@code n}
     * @return each ascending
     */
    static List<int[]> of(int n, int k, int limit, SplittableRandom random) {
        if (count(n, k, limit) <= limit) {
            return all(n, k);
        }
        List<int[]> subsets = new ArrayList<>(limit);
        for (int i = 0; i < limit; i++) {
            subsets.add(drawn(n, k, random));
        }
        return subsets;
    }

    /** The number of subsets, or some number above {@code limit} if there are more. */
    private static long count(int n, int k, int limit) {
        long count = 1;
        int smaller = Math.min(k, n - k);
        for (int i = 1; i <= smaller && count <= limit; i++) {
            count = count * (n - smaller + i) / i;
        }
        return count;
    }

    private static List<int[]> all(int n, int k) {
        List<int[]> subsets = new ArrayList<>();
        int[] subset = new int[k];
        Arrays.setAll(subset, i -> i);
        for (int last = k - 1; last >= 0; ) {
            subsets.add(subset.clone());
            last = k - 1;
            while (last >= 0 && subset[last] == n - k + last) {
                last--;
            }
            if (last >= 0) {
                subset[last]++;
                for (int i = last + 1; i < k; i++) {
                    subset[i] = subset[i - 1] + 1;
                }
            }
        }
        return subsets;
    }

    /** The first numbers of a random order (Fisher and Yates). */
    private static int[] drawn(int n, int k, SplittableRandom random) {
        int[] numbers = new int[n];
        Arrays.setAll(numbers, i -> i);
        for (int i = 0; i < k; i++) {
            int j = random.nextInt(i, n);
            int number = numbers[j];
            numbers[j] = numbers[i];
            numbers[i] = number;
        }
        int[] subset = Arrays.copyOf(numbers, k);
        Arrays.sort(subset);
        return subset;
    }
}
