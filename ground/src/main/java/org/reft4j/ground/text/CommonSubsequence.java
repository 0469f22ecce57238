package org.reft4j.ground.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Lengths of the longest common subsequences of one sequence with others. A column of the usual table is a row of bits, one for each
 * place of the sequence, and 64 of them are computed at once (Hyyrö 2004, "Bit-parallel LCS-length computation revisited").
 */
public final class CommonSubsequence {
    private static final int BITS = Long.SIZE;

    private final int length;
    private final int words;
    /** For each symbol, the places where the sequence has it. */
    private final Map<Integer, long[]> places = new HashMap<>();

    public CommonSubsequence(int[] sequence) {
        length = sequence.length;
        words = (length + BITS - 1) / BITS;
        for (int i = 0; i < length; i++) {
            places.computeIfAbsent(sequence[i], _ -> new long[words])[i / BITS] |= 1L << i;
        }
    }

    /** The longest length in common with another sequence. */
    public int with(int[] other) {
        long[] column = new long[words];
        Arrays.fill(column, -1L);
        for (int symbol : other) {
            advance(column, symbol);
        }
        return found(column);
    }

    private void advance(long[] column, int symbol) {
        long[] matches = places.get(symbol);
        if (matches == null) {
            return;
        }
        long carry = 0;
        for (int w = 0; w < words; w++) {
            long before = column[w];
            long hit = before & matches[w];
            long sum = before + hit;
            long raised = sum + carry;
            carry = Long.compareUnsigned(sum, before) < 0 || Long.compareUnsigned(raised, sum) < 0 ? 1 : 0;
            column[w] = raised | (before - hit);
        }
    }

    /** Each bit that fell is a symbol in common; the bits after the sequence's end never match and stay. */
    private int found(long[] column) {
        int standing = 0;
        for (int w = 0; w < words; w++) {
            int used = Math.min(BITS, length - w * BITS);
            standing += Long.bitCount(used == BITS ? column[w] : column[w] & ((1L << used) - 1));
        }
        return length - standing;
    }
}
