package org.reft4j.train.evaluate;

import java.util.HashMap;
import java.util.Map;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/**
 * Two models on the same questions.
 *
 * @param gain accuracy of the second minus that of the first
 * @param low lower end of its 95 % interval
 * @param high upper end
 * @param p two-sided exact McNemar test of no difference
 * @param onlyFirst questions that only the first answered right
 * @param onlySecond questions that only the second answered right
 */
public record PairedComparison(double gain, double low, double high, double p, int onlyFirst, int onlySecond) {
    private static final double Z95 = 1.959963984540054;

    /**
     * Compares by question id. The interval is Bonett and Price's adjusted Wald interval for paired proportions (2012), which holds its
     * level for small samples too.
     *
     * @throws IllegalArgumentException if the two did not answer the same questions
     */
    public static PairedComparison of(Evaluation first, Evaluation second) {
        Map<String, Boolean> before = new HashMap<>();
        first.answers().forEach(answer -> before.put(answer.questionId(), answer.correct()));
        if (first.total() == 0 || first.total() != second.total() || before.size() != first.total()) {
            throw new IllegalArgumentException("the evaluations are not of the same questions");
        }
        int onlyFirst = 0;
        int onlySecond = 0;
        for (Evaluation.Answered answer : second.answers()) {
            Boolean was = before.get(answer.questionId());
            if (was == null) {
                throw new IllegalArgumentException("question " + answer.questionId() + " is in one evaluation only");
            }
            onlyFirst += was && !answer.correct() ? 1 : 0;
            onlySecond += !was && answer.correct() ? 1 : 0;
        }
        return of(onlyFirst, onlySecond, first.total());
    }

    static PairedComparison of(int onlyFirst, int onlySecond, int total) {
        double n = total + 2.0;
        double p12 = (onlySecond + 1) / n;
        double p21 = (onlyFirst + 1) / n;
        double half = Z95 * Math.sqrt((p12 + p21 - (p12 - p21) * (p12 - p21)) / n);
        int discordant = onlyFirst + onlySecond;
        double p = discordant == 0
                ? 1
                : BinomialTest.withDefaults()
                        .with(AlternativeHypothesis.TWO_SIDED)
                        .test(discordant, onlySecond, 0.5)
                        .getPValue();
        return new PairedComparison(
                (double) (onlySecond - onlyFirst) / total,
                Math.max(-1, p12 - p21 - half),
                Math.min(1, p12 - p21 + half),
                p,
                onlyFirst,
                onlySecond);
    }
}
