package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EstimateTest {
    private static final long SEED = 11;

    @Test
    void wilsonEqualsHandComputation() {
        // 3 of 4, z = 1.96: centre (0.75 + z^2/8) / (1 + z^2/4) = 0.627527, half width 0.326886.
        Estimate estimate = Estimate.wilson(3, 4);
        assertEquals(0.75, estimate.value());
        assertEquals(0.300642, estimate.low(), 1e-5);
        assertEquals(0.954413, estimate.high(), 1e-5);
    }

    @Test
    void bootstrapEqualsHandComputation() {
        // One of four questions is right. A resample has j right ones with probability C(4, j) 0.25^j 0.75^(4-j):
        // j = 0: 0.316, so that the lower end (2.5 %) is 0; j = 4: 0.0039, j >= 3: 0.0508, so that the upper one is 3 /
        // 4.
        Estimate estimate = Estimate.bootstrap(new double[] {0, 1, 0, 0}, SEED);
        assertEquals(new Estimate(0.25, 0, 0.75), estimate);
    }

    @Test
    void manyQuestionsHaveTheIntervalOfTheNormalDistribution() {
        // Shares 0.2 and 0.6 in equal parts: mean 0.4, deviation 0.2, of the mean of 400 questions 0.01.
        double[] shares = new double[400];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = i % 2 == 0 ? 0.2 : 0.6;
        }
        Estimate estimate = Estimate.bootstrap(shares, SEED);
        assertEquals(0.4, estimate.value(), 1e-12);
        // A quantile of 4,000 resamples has itself a standard error of about 0.0004.
        assertEquals(0.4 - 1.96 * 0.01, estimate.low(), 0.0016);
        assertEquals(0.4 + 1.96 * 0.01, estimate.high(), 0.0016);
        assertEquals(estimate, Estimate.bootstrap(shares, SEED));
    }

    @Test
    void equalSharesAreAPoint() {
        assertEquals(new Estimate(0.5, 0.5, 0.5), Estimate.bootstrap(new double[] {0.5, 0.5}, SEED));
    }
}
