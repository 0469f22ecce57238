package org.reft4j.model.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * A set of token ids of one vocabulary. Immutable. Takes four bytes for each id, and never more than a bit for each token of the
 * vocabulary.
 */
public final class TokenSet {
    /** All tokens, of whatever vocabulary. */
    public static final TokenSet ALL = new TokenSet(0);

    private final int vocabulary;
    /** The ids, in order; where that would be as long or longer, a bit for each token of the vocabulary. */
    private final int[] held;

    private TokenSet(int vocabulary, int... held) {
        this.vocabulary = vocabulary;
        this.held = held;
    }

    /**
     * @param ids each once, in any order
     * @throws IllegalArgumentException if there is none, or one that the vocabulary does not have
     */
    public static TokenSet of(int vocabulary, int... ids) {
        int[] sorted = ids.clone();
        Arrays.sort(sorted);
        if (sorted.length == 0 || sorted[0] < 0 || sorted[sorted.length - 1] >= vocabulary) {
            throw new IllegalArgumentException("ids are " + Arrays.toString(sorted) + "; expected some of 0 to "
                    + (vocabulary - 1) + ", each once");
        }
        int words = words(vocabulary);
        if (sorted.length < words) {
            return new TokenSet(vocabulary, sorted);
        }
        int[] bits = new int[words];
        for (int id : sorted) {
            bits[id / Integer.SIZE] |= 1 << id % Integer.SIZE;
        }
        return new TokenSet(vocabulary, bits);
    }

    /**
     * @param ids those that are set
     * @throws IllegalArgumentException if there is none, or one that the vocabulary does not have
     */
    public static TokenSet of(int vocabulary, BitSet ids) {
        if (ids.cardinality() < words(vocabulary) || ids.length() > vocabulary) {
            return of(vocabulary, ids.stream().toArray());
        }
        int[] bits = new int[words(vocabulary)];
        long[] longs = ids.toLongArray();
        for (int word = 0; word < bits.length && word / 2 < longs.length; word++) {
            bits[word] = (int) (longs[word / 2] >>> (word % 2 == 0 ? 0 : Integer.SIZE));
        }
        return new TokenSet(vocabulary, bits);
    }

    /** The tokens that are in none of some sets, each set a row: true for those, bool [sets, vocabulary]. */
    public static Tensor others(Place place, List<TokenSet> sets, long vocabulary) {
        return Tensors.flags(
                place,
                sets.size(),
                Math.toIntExact(vocabulary),
                (row, flags) -> sets.get(row).flagOthers(flags));
    }

    private static int words(int vocabulary) {
        return Math.ceilDiv(vocabulary, Integer.SIZE);
    }

    private boolean isListed() {
        return held.length < words(vocabulary);
    }

    /** True if its tokens are of a vocabulary of this size. */
    public boolean isOf(int size) {
        return vocabulary == size;
    }

    public boolean contains(int id) {
        if (vocabulary == 0) {
            return true;
        }
        if (isListed()) {
            return Arrays.binarySearch(held, id) >= 0;
        }
        return id >= 0 && id < vocabulary && (held[id / Integer.SIZE] >>> id % Integer.SIZE & 1) != 0;
    }

    /**
     * Writes 0 for each token of the set, and 1 for each other one.
     *
     * @param flags one for each token of the vocabulary
     */
    public void flagOthers(byte[] flags) {
        if (vocabulary != 0 && vocabulary != flags.length) {
            throw new IllegalArgumentException(flags.length + " flags for a vocabulary of " + vocabulary + " tokens");
        }
        if (isListed()) {
            Arrays.fill(flags, (byte) 1);
            for (int id : held) {
                flags[id] = 0;
            }
        } else {
            for (int id = 0; id < flags.length; id++) {
                flags[id] = (byte) (vocabulary == 0 ? 0 : ~held[id / Integer.SIZE] >>> id % Integer.SIZE & 1);
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSet set && vocabulary == set.vocabulary && Arrays.equals(held, set.held);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(held);
    }

    @Override
    public String toString() {
        return isListed() ? Arrays.toString(held) : "a set of tokens";
    }
}
