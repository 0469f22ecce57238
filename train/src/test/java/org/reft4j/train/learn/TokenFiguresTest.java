package org.reft4j.train.learn;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.tensor.DType;
import org.reft4j.train.DivergedException;
import org.reft4j.train.settings.GuardConfig;

final class TokenFiguresTest {
    private static final double EXACT = 1e-6;

    /** Figures of 2,000 tokens, of which {@code differing} differ by 0.7 between sampling and training. */
    private static Map<String, Double> figures(int differing) {
        TokenFigures figures = new TokenFigures();
        for (int row = 0; row < 20; row++) {
            float[] training = new float[100];
            float[] sampling = new float[100];
            for (int t = 0; t < 100; t++) {
                training[t] = -1;
                sampling[t] = row * 100 + t < differing ? -1.7F : -1.001F;
            }
            figures.add(training, null, sampling);
        }
        return figures.certainty();
    }

    private static double value(Map<String, Double> figures, String which) {
        return requireNonNull(figures.get("logprob-gap-" + which));
    }

    @Test
    void aTokenInAThousandMayDiffer() {
        Map<String, Double> two = figures(2);
        assertEquals(0.7, value(two, "max"), EXACT);
        assertEquals(0.001, value(two, "p999"), EXACT);
        assertEquals(0.001 + 2 * 0.699 / 2000, value(two, "mean"), EXACT);
        assertDoesNotThrow(() -> Guards.requireAgreement(value(two, "p999"), 0.5, 1));
    }

    @Test
    void moreTellThatSomethingIsWrong() {
        double gap = value(figures(3), "p999");
        assertEquals(0.7, gap, EXACT);
        String message =
                String.valueOf(assertThrows(DivergedException.class, () -> Guards.requireAgreement(gap, 0.5, 3))
                        .getMessage());
        assertTrue(message.contains("at step 3") && message.contains("model.compute: f32"), message);
        assertThrows(DivergedException.class, () -> Guards.requireAgreement(Double.NaN, 0.5, 3));
    }

    /** A third of a nat at every token is far below the bound of one token in a thousand. */
    @Test
    void aFaultOfEveryTokenIsSeenInTheMean() {
        GuardConfig guards = GuardConfig.DEFAULT;
        assertDoesNotThrow(() -> Guards.requireAgreement(0.3, guards.logprobGap(), 3));
        String message = String.valueOf(assertThrows(
                        DivergedException.class, () -> Guards.requireMeanAgreement(0.3, guards.meanGap(DType.BF16), 3))
                .getMessage());
        assertTrue(message.contains("guards.logprob-gap-mean is 0.1") && message.contains("step 3"), message);
        assertThrows(DivergedException.class, () -> Guards.requireMeanAgreement(0.0011, guards.meanGap(DType.F32), 3));
        assertDoesNotThrow(() -> Guards.requireMeanAgreement(0.004, guards.meanGap(DType.BF16), 3));
        assertThrows(DivergedException.class, () -> Guards.requireMeanAgreement(Double.NaN, 0.1, 3));
        assertEquals(0.2, new GuardConfig(0.5, 0.2, 50, 500, 0.005, 0.0005, 0.2).meanGap(DType.F32));
    }

    @Test
    void aSingleOneThatIsNoNumberShows() {
        float[] training = new float[2000];
        float[] sampling = new float[2000];
        sampling[7] = Float.NaN;
        TokenFigures figures = new TokenFigures();
        figures.add(training, null, sampling);
        assertTrue(Double.isNaN(value(figures.certainty(), "max")));
    }

    @Test
    void ofFewTokensNoneMay() {
        TokenFigures figures = new TokenFigures();
        figures.add(new float[] {-1, -2, -3}, null, new float[] {-1, -2, -3.5F});
        assertEquals(0.5, value(figures.certainty(), "p999"), EXACT);
    }
}
