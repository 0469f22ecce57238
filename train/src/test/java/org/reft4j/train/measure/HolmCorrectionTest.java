package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HolmCorrectionTest {
    private static final double EXACT = 1e-12;

    /** By hand: 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1, which may not fall below 0.06. */
    @Test
    void fourTests() {
        List<Double> adjusted = HolmCorrection.adjust(List.of(0.01, 0.04, 0.03, 0.005));
        assertEquals(0.03, adjusted.get(0), EXACT);
        assertEquals(0.06, adjusted.get(1), EXACT);
        assertEquals(0.06, adjusted.get(2), EXACT);
        assertEquals(0.02, adjusted.get(3), EXACT);
    }

    @Test
    void oneTestStaysAndNoneIsNone() {
        assertEquals(List.of(0.2), HolmCorrection.adjust(List.of(0.2)));
        assertEquals(List.of(), HolmCorrection.adjust(List.of()));
    }

    @Test
    void neverAboveOne() {
        assertEquals(List.of(1.0, 1.0), HolmCorrection.adjust(List.of(0.9, 0.6)));
    }
}
