package org.reft4j.train.measure;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;
import org.reft4j.ground.random.Seeds;

/**
 * A share of questions, with what is known of it.
 *
 * @param value in [0, 1]
 * @param low lower end of its 95 % interval
 * @param high upper end
 */
public record Estimate(double value, double low, double high) {
    private static final double ALPHA = 0.05;
    private static final int RESAMPLES = 4000;

    /**
     * The share of right answers, with Wilson's score interval.
     *
     * @param total more than 0
     */
    public static Estimate wilson(int correct, int total) {
        Interval interval = BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(total, correct, ALPHA);
        return new Estimate((double) correct / total, interval.getLowerBound(), interval.getUpperBound());
    }

    /**
     * The mean of one share per question, with the percentile interval of the bootstrap over questions (Efron 1979; 4,000 resamples).
     * Completions of one question resemble each other, so they are always resampled together. If all shares are equal, the interval is a
     * point.
     *
     * @param shares one per question, at least one
     * @param seed seed of the resampling; equal seeds resample the same questions
     */
    public static Estimate bootstrap(double[] shares, long seed) {
        SplittableRandom random = Seeds.stream(seed);
        double[] means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < shares.length; i++) {
                sum += shares[random.nextInt(shares.length)];
            }
            means[r] = sum / shares.length;
        }
        Arrays.sort(means);
        int tail = (int) (RESAMPLES * ALPHA / 2);
        return new Estimate(Arrays.stream(shares).average().orElseThrow(), means[tail], means[RESAMPLES - 1 - tail]);
    }
}
