package org.reft4j.train.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.train.evaluate.BinaryMetrics.Judged;

class BinaryMetricsTest {
    private static final double TOLERANCE = 1e-9;

    @Test
    void equalsHandComputation() {
        BinaryMetrics metrics = BinaryMetrics.of(
                List.of(new Judged(0.9, 1), new Judged(0.4, 1), new Judged(0.6, 0), new Judged(0.1, 0)));
        // Two on the right side of one half; of four pairs only 0.4 against 0.6 is the wrong way round.
        assertEquals(0.5, metrics.accuracy());
        assertEquals(0.75, metrics.auc(), TOLERANCE);
        // -(2 ln 0.9 + 2 ln 0.4) / 4
        assertEquals(0.5108256237659907, metrics.loss(), TOLERANCE);
    }

    @Test
    void tiesCountHalf() {
        assertEquals(
                0.75,
                BinaryMetrics.of(List.of(new Judged(0.7, 1), new Judged(0.7, 0), new Judged(0.2, 0)))
                        .auc(),
                TOLERANCE);
    }

    @Test
    void whereAllAreRightNothingIsToldApart() {
        BinaryMetrics metrics = BinaryMetrics.of(List.of(new Judged(0.7, 1), new Judged(0, 1)));
        assertTrue(Double.isNaN(metrics.auc()));
        assertTrue(Double.isFinite(metrics.loss()), "a probability of 0 in float32");
        assertTrue(Double.isNaN(BinaryMetrics.of(List.of()).accuracy()));
    }
}
