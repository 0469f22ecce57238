package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.train.measure.Evaluation.Answered;

class PairedComparisonTest {
    private static Answered answered(String id, boolean correct) {
        return new Answered(
                id, "q", "1", "text", correct ? "correct" : "wrong", "1", correct, "end-of-text", correct ? 1 : 0);
    }

    @Test
    void gainIntervalAndExactTestEqualHandComputation() {
        // 5 and 15 of 100 discordant: p = 2 * sum C(20, k) / 2^20 for k <= 5 = 2 * 21700 / 1048576.
        PairedComparison comparison = PairedComparison.of(5, 15, 100);
        assertEquals(0.10, comparison.gain(), 1e-12);
        assertEquals(2 * 21700 / 1048576.0, comparison.p(), 1e-9);
        // Bonett and Price: (16 - 6) / 102 -+ 1.96 sqrt((22/102 - (10/102)^2) / 102)
        assertEquals(0.0099424, comparison.low(), 1e-6);
        assertEquals(0.1861360, comparison.high(), 1e-6);
    }

    @Test
    void noDifferenceHasAnIntervalAroundZeroAndNoSignificance() {
        PairedComparison comparison = PairedComparison.of(0, 0, 50);
        assertEquals(1, comparison.p());
        assertEquals(-comparison.low(), comparison.high(), 1e-12);
    }

    @Test
    void wilsonIntervalEqualsHandComputation() {
        Evaluation evaluation = new Evaluation(
                List.of(answered("a", true), answered("b", true), answered("c", true), answered("d", false)), 0, 0);
        assertEquals(0.75, evaluation.accuracy());
        assertEquals(0.300642, evaluation.interval().getLowerBound(), 1e-5);
        assertEquals(0.954413, evaluation.interval().getUpperBound(), 1e-5);
    }

    @Test
    void differentQuestionsAreRefused() {
        Evaluation one = new Evaluation(List.of(answered("a", true)), 0, 0);
        Evaluation two = new Evaluation(List.of(answered("b", true)), 0, 0);
        assertThrows(IllegalArgumentException.class, () -> PairedComparison.of(one.outcomes(), two.outcomes()));
    }
}
