package org.reft4j.ground.text;

import java.util.Arrays;

/**
 * Best match of a sequence within a longer one: its greatest ratio with any stretch of the longer one that has its length, or
 * less at either end. The longest common subsequences with all stretches come from one table (Alves, Cáceres and Song 2008, "An
 * all-substrings common subsequence algorithm"), so that the time is the product of both lengths, whatever they hold.
 */
final class BestStretch {
    /** No place: the path came from the side of the table. */
    private static final int SIDE = -1;

    private BestStretch() {}

    /**
     * @param shorter at least one symbol
     * @param longer at least as many
     * @return twice the length in common over the length of both, at its best
     */
    static double of(int[] shorter, int[] longer) {
        int[] origins = origins(shorter, longer);
        int[] ends = ends(origins);
        int common = 0;
        double best = 0;
        for (int end = 1; end <= shorter.length; end++) {
            common += origins[end - 1] == SIDE ? 1 : 0;
            best = Math.max(best, ratio(common, shorter.length + end));
        }
        for (int start = 1; start < longer.length; start++) {
            int left = start - 1;
            int end = left + shorter.length; // of the stretch that began one place before
            common -= origins[left] < left ? 1 : 0;
            common += ends[left] > left && ends[left] < end ? 1 : 0;
            common += end < longer.length && origins[end] < start ? 1 : 0;
            int length = Math.min(end + 1, longer.length) - start;
            best = Math.max(best, ratio(common, shorter.length + length));
        }
        return best;
    }

    private static double ratio(int common, int bothLengths) {
        return 1 - (double) (bothLengths - 2 * common) / bothLengths; // to the last bit as RapidFuzz rounds
    }

    /**
     * For each place of the longer sequence where the path that ends there began: the length in common with the stretch from s to e is the
     * number of places from s to e whose path began before s.
     */
    private static int[] origins(int[] shorter, int[] longer) {
        int[] origins = new int[longer.length];
        Arrays.setAll(origins, place -> place);
        for (int symbol : shorter) {
            int path = SIDE;
            for (int i = 0; i < longer.length; i++) {
                int other = origins[i];
                if (longer[i] == symbol || other < path) {
                    origins[i] = path;
                    path = other;
                }
            }
        }
        return origins;
    }

    /** For each place where the path that began there ends, or {@link #SIDE}. */
    private static int[] ends(int[] origins) {
        int[] ends = new int[origins.length];
        Arrays.fill(ends, SIDE);
        for (int i = 0; i < origins.length; i++) {
            if (origins[i] != SIDE) {
                ends[origins[i]] = i;
            }
        }
        return ends;
    }
}
