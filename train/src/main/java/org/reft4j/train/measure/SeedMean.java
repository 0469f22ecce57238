package org.reft4j.train.measure;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.inference.TTest;
import org.apache.commons.statistics.interval.Interval;
import org.apache.commons.statistics.interval.NormalConfidenceInterval;

/**
 * The mean of one figure over runs that differ in their seed alone, with Student's 95 % interval: what another seed would be expected to
 * give, not what this one is off by.
 *
 * @param values one for each seed
 * @param low lower end; NaN for a single seed
 * @param high upper end; NaN for a single seed
 */
public record SeedMean(List<Double> values, double mean, double low, double high) {
    private static final double ALPHA = 0.05;

    public SeedMean {
        values = List.copyOf(values);
    }

    /** True if there is no interval: with one seed, or if all values agree, which does not show how another seed would differ. */
    public boolean none() {
        return !(low < high);
    }

    /** Student's two-sided p of a mean of zero; 0 where the values do not differ, which gives no scale to hold them against; NaN for one. */
    double p() {
        if (values.size() < 2) {
            return Double.NaN;
        }
        double squares =
                values.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        int degrees = values.size() - 1;
        return squares == 0
                ? 0
                : TTest.withDefaults()
                        .test(mean, squares / degrees, values.size())
                        .getPValue();
    }

    /** The mean of at least one value. */
    public static SeedMean of(List<Double> values) {
        double[] numbers = values.stream().mapToDouble(Double::doubleValue).toArray();
        double mean = Arrays.stream(numbers).average().orElseThrow();
        if (numbers.length < 2) {
            return new SeedMean(values, mean, Double.NaN, Double.NaN);
        }
        double squares =
                Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
        if (squares == 0) {
            return new SeedMean(values, mean, mean, mean);
        }
        Interval interval = NormalConfidenceInterval.MEAN.fromErrorRate(
                mean, squares / (numbers.length - 1), numbers.length, ALPHA);
        return new SeedMean(values, mean, interval.getLowerBound(), interval.getUpperBound());
    }
}
