package org.reft4j.train.recipe;

import java.util.SplittableRandom;

/**
 * All randomness of a run, as a function of the seed and of what it is for: no stream has a state, so a resumed run draws what the
 * undisturbed one would have drawn, whatever the layout of batches.
 *
 * @param seed of the run
 */
public record Seeds(long seed) {
    /** What a number is drawn for; the code is part of the key and never changes. */
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
        COIN(13);

        private final long code;

        Purpose(long code) {
            this.code = code;
        }
    }

    /** A 64-bit key for a purpose and up to a few coordinates, such as step, question and sample. */
    public long key(Purpose purpose, long... coordinates) {
        long hash = mix(seed + 0x9E3779B97F4A7C15L * purpose.code);
        for (long coordinate : coordinates) {
            hash = mix(hash + 0x9E3779B97F4A7C15L * (coordinate + 1));
        }
        return hash;
    }

    /** A random order of {@code 0 … size - 1}. */
    public int[] permutation(int size, Purpose purpose, long... coordinates) {
        SplittableRandom random = new SplittableRandom(key(purpose, coordinates));
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Steele et al. 2014 (SplitMix64), the finaliser. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
