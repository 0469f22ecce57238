package org.reft4j.train.evaluate;

import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * How well probabilities tell right from wrong.
 *
 * @param loss the mean cross-entropy in nats
 * @param accuracy the share that is on the right side of 0.5
 * @param auc the probability that a right one is given more than a wrong one, ties counted half: the area under the receiver operating
 *     characteristic, which is Mann and Whitney's U over the number of pairs (Hanley and McNeil 1982); NaN without one of each
 */
public record BinaryMetrics(double loss, double accuracy, double auc) {
    /** A probability of 0 in float32 need not be an infinite loss. */
    private static final double SMALLEST = 1e-12;

    /**
     * One judgement.
     *
     * @param probability of being right
     * @param label 1 for right, 0 for wrong; a share in between counts as right above one half
     */
    public record Judged(double probability, double label) {
        private boolean right() {
            return label > 0.5;
        }

        private double loss() {
            return -label * Math.log(Math.max(SMALLEST, probability))
                    - (1 - label) * Math.log(Math.max(SMALLEST, 1 - probability));
        }
    }

    /** All NaN for none. */
    public static BinaryMetrics of(List<Judged> judged) {
        double[] right = probabilities(judged, Judged::right);
        double[] wrong = probabilities(judged, each -> !each.right());
        return new BinaryMetrics(
                judged.stream().mapToDouble(Judged::loss).average().orElse(Double.NaN),
                judged.stream()
                        .mapToDouble(each -> (each.probability() > 0.5) == each.right() ? 1 : 0)
                        .average()
                        .orElse(Double.NaN),
                right.length == 0 || wrong.length == 0
                        ? Double.NaN
                        : MannWhitneyUTest.withDefaults().statistic(right, wrong)
                                / ((double) right.length * wrong.length));
    }

    private static double[] probabilities(List<Judged> judged, Predicate<Judged> wanted) {
        return judged.stream().filter(wanted).mapToDouble(Judged::probability).toArray();
    }
}
