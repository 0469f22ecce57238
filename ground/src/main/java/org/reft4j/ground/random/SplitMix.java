package org.reft4j.ground.random;

/** The hash of SplitMix64 (Steele, Lea and Flood 2014; constants by Stafford, variant 13). */
public final class SplitMix {
    /** The odd number closest to 2^64 divided by the golden ratio: steps of it spread evenly over all numbers. */
    public static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private SplitMix() {}

    /** The finaliser: neighbouring inputs give unrelated outputs, different inputs different ones. */
    public static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
