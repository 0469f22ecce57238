package org.reft4j.train.measure;

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
     * Compares two sets of answers question by question. The interval is Bonett and Price's adjusted Wald interval for paired proportions
     * (2012), which holds its level for small samples too.
     *
     * @param first for each question's id, true if the first model answered it right
     * @param second the same for the second model
     * @throws IllegalArgumentException if the two did not answer the same questions, or there are none
     */
    public static PairedComparison of(Map<String, Boolean> first, Map<String, Boolean> second) {
        if (first.isEmpty() || !first.keySet().equals(second.keySet())) {
            throw new IllegalArgumentException("the answers are not of the same questions");
        }
        int onlyFirst = 0;
        int onlySecond = 0;
        for (Map.Entry<String, Boolean> answer : first.entrySet()) {
            boolean now = second.getOrDefault(answer.getKey(), false);
            onlyFirst += answer.getValue() && !now ? 1 : 0;
            onlySecond += !answer.getValue() && now ? 1 : 0;
        }
        return of(onlyFirst, onlySecond, first.size());
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
