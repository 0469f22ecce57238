package org.reft4j.ground.random;

import java.util.SplittableRandom;

/**
 * All randomness of a run, as a function of the seed and of what it is for: no stream has a state, so a resumed run draws what the
 * undisturbed one would have drawn, whatever the layout of batches.
 *
 * @param seed of the run
 */
public record Seeds(long seed) {
    /** Purpose of a random number; the code is part of the key and never changes. */
    public enum Purpose {
        SHUFFLE(1),
        SAMPLE(2),
        MINIBATCH(3),
        VALUE_HEAD(4),
        WEIGHTS(5),
        TRACE(6),
        ADAPTER(7),
        KEEP(8),
        EXAMPLES(12),
        COIN(13),
        MEASURE(14);

        private final long code;

        Purpose(long code) {
            this.code = code;
        }
    }

    /** A 64-bit key for a purpose and up to a few coordinates, such as step, question and sample. */
    public long key(Purpose purpose, long... coordinates) {
        long hash = SplitMix.mix(seed + SplitMix.GOLDEN_GAMMA * purpose.code);
        for (long coordinate : coordinates) {
            hash = SplitMix.mix(hash + SplitMix.GOLDEN_GAMMA * (coordinate + 1));
        }
        return hash;
    }

    /** A random order of {@code 0 … size - 1}. */
    public int[] permutation(int size, Purpose purpose, long... coordinates) {
        SplittableRandom random = stream(key(purpose, coordinates));
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /**
     * The numbers that belong to a key, one after another: for what is drawn at once and kept by nobody, such as a permutation, a data
     * set made up by seed, or the resamples of a bootstrap.
     *
     * @param key of {@link #key}, or the seed itself where it serves one purpose only
     */
    public static SplittableRandom stream(long key) {
        return new SplittableRandom(key);
    }

    /** The first number of a seed's {@link #stream}: the key of a completion that was asked for by a seed alone. */
    public static long first(long seed) {
        return stream(seed).nextLong();
    }
}
