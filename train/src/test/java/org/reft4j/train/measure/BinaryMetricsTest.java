package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.train.measure.BinaryMetrics.Judged;

class BinaryMetricsTest {
    /** One of ten is right. Calling all wrong has an accuracy of 0.9 and chooses by chance; ranking the right one first misses 0.5 thrice. */
    @Test
    void choosingIsNotAccuracy() {
        List<BinaryMetrics.Judged> allWrong = new java.util.ArrayList<>();
        List<BinaryMetrics.Judged> ranked = new java.util.ArrayList<>();
        for (int i = 0; i < 10; i++) {
            allWrong.add(new BinaryMetrics.Judged(0.1, i == 0 ? 1 : 0));
            ranked.add(new BinaryMetrics.Judged(i < 4 ? 0.9 - 0.1 * i : 0.1, i == 0 ? 1 : 0));
        }
        BinaryMetrics first = BinaryMetrics.of(List.of(allWrong));
        BinaryMetrics second = BinaryMetrics.of(List.of(ranked));
        assertEquals(0.9, first.accuracy(), 1e-12);
        assertEquals(0.7, second.accuracy(), 1e-12);
        assertEquals(0.5, first.choosing(), 1e-12);
        assertEquals(1, second.choosing(), 1e-12);
        assertEquals(
                1,
                BinaryMetrics.of(List.of(List.of(new BinaryMetrics.Judged(0.1, 0))))
                        .choosing(),
                1e-12);
    }

    private static final double TOLERANCE = 1e-9;

    @Test
    void equalsHandComputation() {
        BinaryMetrics metrics = BinaryMetrics.of(List.of(
                List.of(new Judged(0.9, 1), new Judged(0.6, 0)), List.of(new Judged(0.4, 1), new Judged(0.1, 0))));
        // Two on the right side of one half; of four pairs only 0.4 against 0.6 is the wrong way round.
        assertEquals(0.5, metrics.accuracy());
        assertEquals(0.75, metrics.auc(), TOLERANCE);
        assertEquals(1, metrics.withinQuestions(), TOLERANCE, "in either question the right one is above");
        // -(2 ln 0.9 + 2 ln 0.4) / 4
        assertEquals(0.5108256237659907, metrics.loss(), TOLERANCE);
    }

    /** Knows which question is easy, and nothing of the answers to it: 5 of 6 pairs of all, 1 of 2 within a question. */
    @Test
    void knowingHardQuestionsIsNoRanking() {
        BinaryMetrics metrics = BinaryMetrics.of(List.of(
                List.of(new Judged(0.8, 1), new Judged(0.9, 1), new Judged(0.85, 0)),
                List.of(new Judged(0.1, 0), new Judged(0.2, 0))));
        assertEquals(5.0 / 6, metrics.auc(), TOLERANCE);
        assertEquals(0.5, metrics.withinQuestions(), TOLERANCE);
    }

    /** One question has a pair, the other six: three of seven pairs are the right way round. */
    @Test
    void pairsCountAlikeInWhicheverQuestion() {
        BinaryMetrics metrics = BinaryMetrics.of(List.of(
                List.of(new Judged(0.9, 1), new Judged(0.1, 0)),
                List.of(
                        new Judged(0.5, 1),
                        new Judged(0.3, 1),
                        new Judged(0.4, 0),
                        new Judged(0.45, 0),
                        new Judged(0.6, 0))));
        assertEquals(3.0 / 7, metrics.withinQuestions(), TOLERANCE);
    }

    @Test
    void tiesCountHalf() {
        assertEquals(
                0.75,
                BinaryMetrics.of(List.of(List.of(new Judged(0.7, 1), new Judged(0.7, 0), new Judged(0.2, 0))))
                        .auc(),
                TOLERANCE);
    }

    @Test
    void whereAllAreRightNothingIsToldApart() {
        BinaryMetrics metrics = BinaryMetrics.of(List.of(List.of(new Judged(0.7, 1), new Judged(0, 1))));
        assertTrue(Double.isNaN(metrics.auc()));
        assertTrue(Double.isNaN(metrics.withinQuestions()));
        assertTrue(Double.isFinite(metrics.loss()), "a probability of 0 in float32");
        assertTrue(Double.isNaN(BinaryMetrics.of(List.of()).accuracy()));
    }
}
