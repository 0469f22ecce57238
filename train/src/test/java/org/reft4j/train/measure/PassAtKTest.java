package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PassAtKTest {
    @Test
    void equalsHandComputation() {
        // 1 - C(3, 3) / C(5, 3) = 1 - 1 / 10
        assertEquals(0.9, PassAtK.estimate(5, 2, 3), 1e-12);
        // 1 - C(7, 2) / C(10, 2) = 1 - 21 / 45
        assertEquals(24.0 / 45, PassAtK.estimate(10, 3, 2), 1e-12);
        // k = 1 is the share of right completions.
        assertEquals(0.3, PassAtK.estimate(10, 3, 1), 1e-12);
    }

    @Test
    void endsAreExact() {
        assertEquals(0, PassAtK.estimate(8, 0, 8));
        assertEquals(1, PassAtK.estimate(8, 1, 8));
        // With 6 of 8 right, every 3 hold a right one.
        assertEquals(1, PassAtK.estimate(8, 6, 3));
    }

    @Test
    void largeNumbersDoNotOverflow() {
        // C(2000, 1000) has 600 digits. With one right, 1 - C(n-1, k) / C(n, k) = k / n.
        assertEquals(0.5, PassAtK.estimate(2000, 1, 1000), 1e-12);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 2, 6));
        assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 6, 1));
    }
}
