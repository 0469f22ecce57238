package org.reft4j.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;

/**
 * The objective worked out by hand, with its gradient: completion A of two tokens with advantage 1, whose ratios are 1.1 and 1.5; completion B of
 * three with advantage -1 and ratios 0.5, 1 and 1.2. The reference is at twice the policy's probability at A's first token, at half of
 * it at B's last, and elsewhere the same.
 */
class GrpoLossTest {
    private static final float TOLERANCE = 1e-6f;
    private static final float LN2 = 0.6931472f;
    private static final float[] OLD = {-1, -2, -1, -1, -1};
    private static final float[] NOW = {
        (float) (-1 + Math.log(1.1)),
        (float) (-2 + Math.log(1.5)),
        (float) (-1 + Math.log(0.5)),
        -1,
        (float) (-1 + Math.log(1.2))
    };
    private static final float[] REFERENCE = {NOW[0] + LN2, NOW[1], NOW[2], NOW[3], NOW[4] - LN2};
    private static final float[] ADVANTAGES = {1, 1, -1, -1, -1};
    private static final long[] ROWS = {0, 0, 1, 1, 1};

    @BeforeAll
    static void start() {
        Torch.start();
    }

    private static GrpoLossConfig config(
            ImportanceRatio ratio, double low, double high, LossAverage average, double kl) {
        return new GrpoLossConfig(
                1,
                0,
                ratio,
                Surrogate.CLIPPED,
                low,
                high,
                average,
                average == LossAverage.CONSTANT ? 10 : 0,
                false,
                kl);
    }

    private static GrpoLoss.Old old(GrpoLossConfig config, float @Nullable [] reference) {
        float[] weights = new float[5];
        for (int t = 0; t < 5; t++) {
            weights[t] = (float) config.average().weight(t < 2 ? 2 : 3, 2, 5, config.constantLength());
        }
        return new GrpoLoss.Old(
                Tensors.floats(Place.HOST, OLD, 5),
                reference == null ? null : Tensors.floats(Place.HOST, reference, 5),
                Tensors.floats(Place.HOST, ADVANTAGES, 5),
                Tensors.floats(Place.HOST, weights, 5),
                Tensors.longs(Place.HOST, ROWS, 5),
                Tensors.floats(Place.HOST, new float[] {2, 3}, 2));
    }

    private static void assertPolicy(double expected, GrpoLossConfig config) {
        try (var _ = NativeScope.open()) {
            GrpoLoss loss = GrpoLoss.of(Tensors.floats(Place.HOST, NOW, 5), old(config, null), config);
            assertEquals(expected, Tensors.toDouble(loss.policy()), TOLERANCE);
            assertEquals(expected, Tensors.toDouble(loss.total()), TOLERANCE);
            assertEquals(0, Tensors.toDouble(loss.kl()));
        }
    }

    private static float[] gradient(GrpoLossConfig config, float @Nullable [] reference) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor now = Tensors.floats(Place.HOST, NOW, 5).requires_grad_(true);
            GrpoLoss.of(now, old(config, reference), config).total().backward();
            return Tensors.toFloats(now.grad());
        }
    }

    /** Surrogates 1.1, 1.28 | -0.8, -1, -1.2: means 1.19 and -1. */
    @Test
    void meanOfCompletionsWithAHigherUpperBound() {
        assertPolicy(-0.095, config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 0));
    }

    /** Surrogates 1.1, 1.2 | -0.8, -1, -1.2: means 1.15 and -1. */
    @Test
    void meanOfCompletionsWithBoundsAlike() {
        assertPolicy(-0.075, config(ImportanceRatio.TOKEN, 0.2, 0.2, LossAverage.COMPLETION, 0));
    }

    /** 2.38 - 3 over five tokens. */
    @Test
    void meanOfTokens() {
        assertPolicy(0.124, config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.TOKEN, 0));
    }

    /** 2.38 - 3 over two completions and ten tokens. */
    @Test
    void sumOverAConstant() {
        assertPolicy(0.031, config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.CONSTANT, 0));
    }

    /** Ratios sqrt(1.65) = 1.284523 and the third root of 0.6 = 0.843433, of which the first is clipped to 1.28. */
    @Test
    void ratioOfSequences() {
        assertPolicy(-0.2182835, config(ImportanceRatio.SEQUENCE, 0.2, 0.28, LossAverage.COMPLETION, 0));
        assertThrows(
                AssertionError.class,
                () -> assertPolicy(-0.2182835, config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 0)));
    }

    /** k3 is 2 - 1 - ln 2 and 0.5 - 1 + ln 2: 0.306853 / 2 and 0.193147 / 3, then their mean. */
    @Test
    void divergenceFromTheReference() {
        GrpoLossConfig config = config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 0.04);
        try (var _ = NativeScope.open()) {
            GrpoLoss loss = GrpoLoss.of(Tensors.floats(Place.HOST, NOW, 5), old(config, REFERENCE), config);
            assertEquals(0.1089044, Tensors.toDouble(loss.kl()), TOLERANCE);
            assertEquals(-0.095, Tensors.toDouble(loss.policy()), TOLERANCE);
            assertEquals(-0.0906438, Tensors.toDouble(loss.total()), TOLERANCE);
        }
    }

    /**
     * Among the ratios 1.1, 1.5 | 0.5, 1, 1.2 the second is cut above, the third below; 1.2 with a negative advantage keeps its gradient.
     */
    @Test
    void countsTheTokensWhoseGradientIsCut() {
        try (var _ = NativeScope.open()) {
            GrpoLossConfig narrow = config(ImportanceRatio.TOKEN, 0.2, 0.15, LossAverage.COMPLETION, 0);
            assertArrayEquals(
                    new float[] {0, 1, 1, 0, 0},
                    Tensors.toFloats(GrpoLoss.of(Tensors.floats(Place.HOST, NOW, 5), old(narrow, null), narrow)
                            .cut()));
        }
    }

    /**
     * CISPO without a lower bound: weights 1.1, 1.28 | 0.5, 1, 1.2 are constants, so that the gradient is minus weight x advantage / 5; the
     * clipped objective has none at the second token.
     */
    @Test
    void cispoBoundsWeightsAndTakesNoGradientAway() {
        GrpoLossConfig cispo = new GrpoLossConfig(
                1, 0, ImportanceRatio.TOKEN, Surrogate.CISPO, 1, 0.28, LossAverage.TOKEN, 0, false, 0);
        assertArrayEquals(new float[] {-0.22f, -0.256f, 0.1f, 0.2f, 0.24f}, gradient(cispo, null), TOLERANCE);
        assertEquals(0, gradient(config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.TOKEN, 0), null)[1]);
        try (var _ = NativeScope.open()) {
            GrpoLoss loss = GrpoLoss.of(Tensors.floats(Place.HOST, NOW, 5), old(cispo, null), cispo);
            assertArrayEquals(new float[] {0, 1, 0, 0, 0}, Tensors.toFloats(loss.cut()));
        }
    }

    @Test
    void onlyCispoGoesWithoutALowerBound() {
        assertThrows(ConfigException.class, () -> config(ImportanceRatio.TOKEN, 1, 0.28, LossAverage.TOKEN, 0));
    }

    /** A completion without a part in the loss, though its tokens became impossible under the old policy, the new one or the reference. */
    @Test
    void whatDoesNotCountIsNeverNotANumber() {
        GrpoLossConfig config = config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 1);
        float[] weights = {.5f, .5f, 0, 0, 0};
        float[] before = {-1, -2, -500, -1, -1};
        float[] reference = {-1, -2, -1, Float.NEGATIVE_INFINITY, 500};
        float[] now = {-1, -2, -1, -300, -1};
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor logprobs = Tensors.floats(Place.HOST, now, 5).requires_grad_(true);
            GrpoLoss.Old old = new GrpoLoss.Old(
                    Tensors.floats(Place.HOST, before, 5),
                    Tensors.floats(Place.HOST, reference, 5),
                    Tensors.floats(Place.HOST, ADVANTAGES, 5),
                    Tensors.floats(Place.HOST, weights, 5),
                    Tensors.longs(Place.HOST, ROWS, 5),
                    Tensors.floats(Place.HOST, new float[] {2, 3}, 2));
            GrpoLoss loss = GrpoLoss.of(logprobs, old, config);
            assertEquals(-1, Tensors.toDouble(loss.total()), TOLERANCE);
            loss.total().backward();
            assertArrayEquals(new float[] {-.5f, -.5f, 0, 0, 0}, Tensors.toFloats(logprobs.grad()), TOLERANCE);
        }
    }

    /** exp(20) is the most that a ratio comes to, and a divergence with it: large, but a number. */
    @Test
    void ratiosAreBounded() {
        GrpoLossConfig config = config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.TOKEN, 0);
        try (var _ = NativeScope.open()) {
            float[] far = {-1, -2, 899, -1, -1};
            float[] ratio = Tensors.toFloats(GrpoLoss.of(Tensors.floats(Place.HOST, far, 5), old(config, null), config)
                    .ratio());
            assertEquals(Math.exp(20), ratio[2], 1e-6 * Math.exp(20));
        }
    }

    /** If no weight has changed, the ratio is exactly 1, whatever an earlier pass gave, and the gradient is the policy gradient. */
    @Test
    void theOldPolicyOfTheFirstUpdateIsThePolicyNow() {
        GrpoLossConfig config = config(ImportanceRatio.SEQUENCE, 3e-4, 4e-4, LossAverage.COMPLETION, 0);
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor now = Tensors.floats(Place.HOST, NOW, 5).requires_grad_(true);
            GrpoLoss loss = GrpoLoss.of(now, old(config, null).sampledBy(now), config);
            assertArrayEquals(new float[] {1, 1, 1, 1, 1}, Tensors.toFloats(loss.ratio()));
            assertArrayEquals(new float[5], Tensors.toFloats(loss.cut()));
            loss.total().backward();
            assertArrayEquals(
                    new float[] {-.25f, -.25f, 1f / 6, 1f / 6, 1f / 6}, Tensors.toFloats(now.grad()), TOLERANCE);
        }
    }

    /** Minus weight x advantage x ratio where nothing is clipped, and 0 where it is. */
    @Test
    void gradientOfTokens() {
        assertArrayEquals(
                new float[] {-1.1f / 4, 0, 0, 1f / 6, 1.2f / 6},
                gradient(config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 0), null),
                TOLERANCE);
    }

    /** With the coefficient 1, weight x (1 - reference over policy) on top: (1 - 2) / 4 and (1 - 0.5) / 6. */
    @Test
    void gradientOfTheDivergence() {
        assertArrayEquals(
                new float[] {-1.1f / 4 - 0.25f, 0, 0, 1f / 6, 1.2f / 6 + 0.5f / 6},
                gradient(config(ImportanceRatio.TOKEN, 0.2, 0.28, LossAverage.COMPLETION, 1), REFERENCE),
                TOLERANCE);
    }

    /** Every token moves the ratio of its completion by one over its length: minus advantage x ratio / (2 x length), also clipped where the ratio is. */
    @Test
    void gradientOfSequencesReachesAllTokens() {
        float a = -1.284523f / 4;
        float b = 0.843433f / 6;
        assertArrayEquals(
                new float[] {a, a, b, b, b},
                gradient(config(ImportanceRatio.SEQUENCE, 0.9, 5, LossAverage.COMPLETION, 0), null),
                TOLERANCE);
        assertArrayEquals(
                new float[] {0, 0, b, b, b},
                gradient(config(ImportanceRatio.SEQUENCE, 0.2, 0.28, LossAverage.COMPLETION, 0), null),
                TOLERANCE);
    }
}
