package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeedMeanTest {
    @Test
    void student() {
        // Mean 2, standard deviation 1, t of 2 degrees of freedom at 97.5 % is 4.302653: 4.302653 / sqrt(3) = 2.484138.
        SeedMean mean = SeedMean.of(List.of(1.0, 2.0, 3.0));
        assertEquals(2, mean.mean(), 1e-12);
        assertEquals(2 - 2.484138, mean.low(), 1e-6);
        assertEquals(2 + 2.484138, mean.high(), 1e-6);
    }

    @Test
    void equalSeedsLeaveNoInterval() {
        SeedMean mean = SeedMean.of(List.of(0.25, 0.25));
        assertEquals(0.25, mean.low(), 1e-12);
        assertEquals(0.25, mean.high(), 1e-12);
        assertTrue(mean.none(), "a width of zero is no interval");
        assertFalse(SeedMean.of(List.of(0.25, 0.26)).none());
        assertTrue(SeedMean.of(List.of(0.25)).none());
    }

    @Test
    void oneSeedSaysNothingOfOthers() {
        SeedMean mean = SeedMean.of(List.of(0.4));
        assertEquals(0.4, mean.mean(), 1e-12);
        assertTrue(Double.isNaN(mean.low()) && Double.isNaN(mean.high()), mean.toString());
    }
}
