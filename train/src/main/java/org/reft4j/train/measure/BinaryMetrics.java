package org.reft4j.train.measure;

import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * Quality of a classifier's probabilities of being right.
 *
 * @param loss mean cross-entropy in nats
 * @param accuracy share of probabilities on the right side of 0.5
 * @param auc area under the ROC curve: the probability that a right sample scores higher than a wrong one, ties counted half; computed as
 *     the Mann-Whitney U over the number of pairs (Hanley and McNeil 1982). NaN without one of each
 * @param withinQuestions the same over pairs of samples of one question, all pairs counted alike. It measures how well answers to one
 *     question can be chosen between, while {@code auc} also rewards knowing which questions are hard. NaN without such a pair
 */
public record BinaryMetrics(double loss, double accuracy, double auc, double withinQuestions) {
    /** A probability of 0 in float32 need not be an infinite loss. */
    private static final double SMALLEST = 1e-12;

    /**
     * One judged sample.
     *
     * @param probability the predicted probability of being right
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

    /**
     * All NaN for none.
     *
     * @param byQuestion the judgements of each question
     */
    public static BinaryMetrics of(List<List<Judged>> byQuestion) {
        List<Judged> judged = byQuestion.stream().flatMap(List::stream).toList();
        return new BinaryMetrics(
                judged.stream().mapToDouble(Judged::loss).average().orElse(Double.NaN),
                judged.stream()
                        .mapToDouble(each -> (each.probability() > 0.5) == each.right() ? 1 : 0)
                        .average()
                        .orElse(Double.NaN),
                rightAbove(List.of(judged)),
                rightAbove(byQuestion));
    }

    /**
     * The figure to choose a classifier by: {@link #withinQuestions}, else {@link #auc} if no question has both kinds, else the accuracy if
     * all samples are of one kind. Accuracy alone would favour "all wrong" whenever few are right.
     */
    public double choosing() {
        if (!Double.isNaN(withinQuestions)) {
            return withinQuestions;
        }
        return Double.isNaN(auc) ? accuracy : auc;
    }

    /** The share of pairs within the groups in which the right one is above the wrong one. */
    private static double rightAbove(List<List<Judged>> groups) {
        double above = 0;
        double pairs = 0;
        for (List<Judged> group : groups) {
            double[] right = probabilities(group, Judged::right);
            double[] wrong = probabilities(group, each -> !each.right());
            if (right.length > 0 && wrong.length > 0) {
                above += MannWhitneyUTest.withDefaults().statistic(right, wrong);
                pairs += (double) right.length * wrong.length;
            }
        }
        return above / pairs;
    }

    private static double[] probabilities(List<Judged> judged, Predicate<Judged> wanted) {
        return judged.stream().filter(wanted).mapToDouble(Judged::probability).toArray();
    }
}
