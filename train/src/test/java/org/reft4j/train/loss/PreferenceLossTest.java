package org.reft4j.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;

/** Losses and gradients of pairs and of single completions, by hand. */
final class PreferenceLossTest {
    /** Float32 against double. */
    private static final double EXACT = 1e-6;

    /** Two tokens each: the chosen one gained ln 2 on the reference, the rejected one lost ln 4. */
    private static final float[] POLICY = {(float) Math.log(0.5), (float) Math.log(0.125)};

    private static final float[] REFERENCE = {(float) Math.log(0.25), (float) Math.log(0.5)};
    private static final double GAINED = Math.log(2) + Math.log(4);

    @BeforeAll
    static void start() {
        Torch.start();
    }

    private static double loss(float[] policy, float[] reference, PreferenceConfig config) {
        try (var _ = NativeScope.open()) {
            return Tensors.toDouble(PreferenceLoss.of(
                            Tensors.floats(Place.HOST, policy, 2),
                            Tensors.floats(Place.HOST, reference, 2),
                            lengths(),
                            config)
                    .losses()
                    .sum());
        }
    }

    private static Tensor lengths() {
        return Tensors.floats(Place.HOST, new float[] {2, 4}, 2);
    }

    private static double logSigmoid(double x) {
        return -Math.log1p(Math.exp(-x));
    }

    private static PreferenceConfig dpo(double beta, double smoothing, double sft, boolean normalised) {
        return new PreferenceConfig(PreferenceConfig.Loss.DPO, beta, smoothing, sft, normalised);
    }

    @Test
    void theLossOfDpo() {
        // beta h = 0.5 ln 8, and sigmoid(ln x) = x / (1 + x).
        double root = Math.sqrt(8);
        assertEquals(-Math.log(root / (1 + root)), loss(POLICY, REFERENCE, dpo(0.5, 0, 0, false)), EXACT);
    }

    @Test
    void equalPoliciesLoseLogTwo() {
        assertEquals(Math.log(2), loss(POLICY, POLICY, PreferenceConfig.DPO), EXACT);
        assertEquals(Math.log(2), loss(POLICY, POLICY, dpo(3, 0.2, 0, true)), EXACT);
    }

    @Test
    void aPairMayBeTheWrongWayRound() {
        double expected = -0.9 * logSigmoid(0.5 * GAINED) - 0.1 * logSigmoid(-0.5 * GAINED);
        assertEquals(expected, loss(POLICY, REFERENCE, dpo(0.5, 0.1, 0, false)), EXACT);
    }

    @Test
    void logRatiosMayBeMeansOverTokens() {
        double difference = Math.log(2) / 2 + Math.log(4) / 4;
        assertEquals(-logSigmoid(0.5 * difference), loss(POLICY, REFERENCE, dpo(0.5, 0, 0, true)), EXACT);
    }

    @Test
    void theChosenOneMayBeTaughtToo() {
        double expected = -logSigmoid(0.5 * GAINED) + 3 * Math.log(2) / 2;
        assertEquals(expected, loss(POLICY, REFERENCE, dpo(0.5, 0, 3, false)), EXACT);
    }

    @Test
    void theLossOfIpo() {
        double expected = Math.pow(GAINED - 1 / (2 * 0.25), 2);
        assertEquals(
                expected,
                loss(POLICY, REFERENCE, new PreferenceConfig(PreferenceConfig.Loss.IPO, 0.25, 0, 0, false)),
                EXACT);
    }

    @Test
    void theGradientOfDpo() {
        // Equation 8 of the paper: -beta sigmoid(-beta h) on each token of the chosen one, plus it on the rejected
        // one's.
        double expected = 0.5 / (1 + Math.exp(0.5 * GAINED));
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor tokens = Tensors.floats(Place.HOST, new float[] {POLICY[0], 0, POLICY[1] - 1, 1}, 4)
                    .requires_grad_(true);
            Tensor sums = SequenceSums.of(tokens, new int[] {2, 2});
            PreferenceLoss.of(sums, Tensors.floats(Place.HOST, REFERENCE, 2), lengths(), dpo(0.5, 0, 0, false))
                    .losses()
                    .sum()
                    .backward();
            float g = (float) expected;
            assertArrayEquals(new float[] {-g, -g, g, g}, Tensors.toFloats(tokens.grad()), (float) EXACT);
        }
    }

    @Test
    void tokensAreAddedUpRowAfterRow() {
        try (var _ = NativeScope.open()) {
            Tensor tokens = Tensors.floats(Place.HOST, new float[] {1, 2, 4, 8, 16, 32}, 6);
            assertArrayEquals(new float[] {1, 6, 56}, Tensors.toFloats(SequenceSums.of(tokens, new int[] {1, 2, 3})));
        }
    }

    @Test
    void theLossOfKto() {
        // r is ln 2 and -ln 4; with z = ln 2 they have gained 0 and -ln 8.
        double right = 2 * 0.5;
        double wrong = 3 * (1 - 1 / (1 + Math.exp(-0.5 * Math.log(8))));
        try (var _ = NativeScope.open()) {
            Tensor losses = KtoLoss.of(
                    Tensors.floats(Place.HOST, POLICY, 2),
                    Tensors.floats(Place.HOST, REFERENCE, 2),
                    new boolean[] {true, false},
                    Math.log(2),
                    new KtoWeights(0.5, 2, 3));
            assertArrayEquals(new float[] {(float) right, (float) wrong}, Tensors.toFloats(losses), (float) EXACT);
        }
    }

    @Test
    void theGradientOfKto() {
        // d/dr of 1 - sigmoid(beta (r - z)) is -beta s (1 - s).
        double s = 1 / (1 + Math.exp(-0.5 * (Math.log(2) - 0.3)));
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor policy =
                    Tensors.floats(Place.HOST, new float[] {POLICY[0]}, 1).requires_grad_(true);
            KtoLoss.of(
                            policy,
                            Tensors.floats(Place.HOST, new float[] {REFERENCE[0]}, 1),
                            new boolean[] {true},
                            0.3,
                            new KtoWeights(0.5, 1, 1))
                    .sum()
                    .backward();
            assertEquals(-0.5 * s * (1 - s), Tensors.toFloats(policy.grad())[0], EXACT);
        }
    }

    @Test
    void theReferencePointIsAMeanAndNeverNegative() {
        assertEquals(1.5, KtoLoss.point(new double[] {-1, -3}, new double[] {-3, -4}));
        assertEquals(0, KtoLoss.point(new double[] {-4, -3}, new double[] {-3, -3}));
    }

    @Test
    void weightsOfRegression() {
        double[] rewards = {1, 0.1, 0.1, 0};
        // The mean is 0.3.
        assertArrayEquals(
                new double[] {Math.exp(1.4), Math.exp(-0.4), Math.exp(-0.4), Math.exp(-0.6)},
                new RegressionConfig(RegressionConfig.Weights.ADVANTAGE, 0.5, 20).of(rewards),
                EXACT);
        assertArrayEquals(
                new double[] {5, Math.exp(0.2), Math.exp(0.2), 1},
                new RegressionConfig(RegressionConfig.Weights.REWARD, 0.5, 5).of(rewards),
                EXACT,
                "exp(2) is clipped");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertTrue(refused(() -> dpo(0, 0, 0, false)).contains("preference.beta is 0.0"));
        assertTrue(refused(() -> dpo(1, 0.5, 0, false)).contains("preference.label-smoothing is 0.5"));
        assertTrue(refused(() -> new PreferenceConfig(PreferenceConfig.Loss.IPO, 1, 0.1, 0, false))
                .contains("ipo"));
        assertTrue(refused(() -> dpo(1, 0, -1, false)).contains("preference.sft-weight"));
        assertTrue(refused(() -> new RegressionConfig(RegressionConfig.Weights.REWARD, 0, 1))
                .contains("regression.beta"));
        assertTrue(refused(() -> new RegressionConfig(RegressionConfig.Weights.REWARD, 1, 0))
                .contains("regression.max-weight"));
        assertTrue(refused(() -> new KtoWeights(0, 1, 1)).contains("kto.beta"));
        assertTrue(refused(() -> new KtoWeights(1, 0, 1)).contains("kto.desirable"));
        assertTrue(refused(() -> new KtoWeights(1, 1, 0)).contains("kto.undesirable"));
    }

    private static String refused(Executable action) {
        return String.valueOf(assertThrows(ConfigException.class, action).getMessage());
    }
}
