package org.reft4j.task.generated;

import java.util.SplittableRandom;

/**
 * Choices in which the first of a list is the likeliest, as the common words of a language are: the k-th has weight
 * {@code k^-exponent}.
 */
final class Zipf {
    private final double exponent;
    private final SplittableRandom random;

    /** @param exponent 0 for choices that are all as likely */
    Zipf(double exponent, SplittableRandom random) {
        this.exponent = exponent;
        this.random = random;
    }

    /** The weights of {@code count} choices together. */
    double weight(int count) {
        double sum = 0;
        for (int k = 1; k <= count; k++) {
            sum += Math.pow(k, -exponent);
        }
        return sum;
    }

    /** One of {@code 0} to {@code count - 1}. */
    int draw(int count) {
        double left = random.nextDouble() * weight(count);
        for (int k = 1; k < count; k++) {
            left -= Math.pow(k, -exponent);
            if (left < 0) {
                return k - 1;
            }
        }
        return count - 1;
    }
}
