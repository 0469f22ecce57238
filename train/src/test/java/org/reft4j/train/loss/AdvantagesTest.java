package org.reft4j.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** The worked example of the algorithm's description: two completions, of three and four tokens, the second cut off. */
class AdvantagesTest {
    private static final float[] OLD_A = {-.5f, -.7f, -.2f};
    private static final float[] REFERENCE_A = {-.7f, -.6f, -.25f};
    private static final float[] VALUES_A = {.5f, .4f, .6f};
    private static final float[] OLD_B = {-.9f, -.4f, -1.1f, -.6f};
    private static final float[] REFERENCE_B = {-1.0f, -.6f, -.9f, -.5f};
    private static final float[] VALUES_B = {.1f, .0f, .3f, .2f};
    private static final float TOLERANCE = 1e-6f;

    @BeforeAll
    static void start() {
        Torch.start();
    }

    private static List<float[]> advantages() {
        return List.of(
                Advantages.gae(Advantages.rewards(new float[] {0, 0, 1}, OLD_A, REFERENCE_A, .05), VALUES_A, 1, .95),
                Advantages.gae(
                        Advantages.rewards(new float[] {0, 0, 0, .1f}, OLD_B, REFERENCE_B, .05), VALUES_B, 1, .95));
    }

    @Test
    void rewardsCarryTheGradeOnTheLastTokenAndTheKlPenaltyOnAll() {
        assertArrayEquals(
                new float[] {-.01f, .005f, .9975f},
                Advantages.rewards(new float[] {0, 0, 1}, OLD_A, REFERENCE_A, .05),
                TOLERANCE);
        assertArrayEquals(
                new float[] {-.005f, -.01f, .01f, .105f},
                Advantages.rewards(new float[] {0, 0, 0, .1f}, OLD_B, REFERENCE_B, .05),
                TOLERANCE);
    }

    @Test
    void advantagesAndReturnsEqualTheWorkedExample() {
        List<float[]> advantages = advantages();
        assertArrayEquals(new float[] {.443494f, .582625f, .3975f}, advantages.get(0), TOLERANCE);
        assertArrayEquals(new float[] {.007824f, .118763f, -.18025f, -.095f}, advantages.get(1), TOLERANCE);
        assertArrayEquals(
                new float[] {.943494f, .982625f, .9975f}, Advantages.returns(advantages.get(0), VALUES_A), TOLERANCE);
        assertArrayEquals(
                new float[] {.107824f, .118763f, .11975f, .105f},
                Advantages.returns(advantages.get(1), VALUES_B),
                TOLERANCE);
    }

    @Test
    void whiteningUsesTheUnbiasedVarianceOverAllTokens() {
        List<float[]> whitened = Advantages.whiten(advantages());
        assertArrayEquals(new float[] {.889834f, 1.363529f, .733241f}, whitened.get(0), 5 * TOLERANCE);
        assertArrayEquals(new float[] {-.593474f, -.215767f, -1.233805f, -.943557f}, whitened.get(1), 5 * TOLERANCE);
    }

    @Test
    void lossesEqualTheWorkedExample() {
        assertLoss(-0.132193729, 0.037932817, 0.057470355, 0);
    }

    @Test
    void aTokenMeanInPlaceOfTheCompletionMeanIsSeen() {
        assertThrows(AssertionError.class, () -> assertLoss(-0.132193729, 0.037932817, 0.057470355, 1 / 7f));
    }

    private static void assertLoss(double policy, double value, double total, float flatWeight) {
        try (var _ = NativeScope.open()) {
            List<float[]> advantages = advantages();
            List<float[]> whitened = Advantages.whiten(advantages);
            float a = flatWeight == 0 ? 1 / 6f : flatWeight;
            float b = flatWeight == 0 ? 1 / 8f : flatWeight;
            PpoLoss.Old old = new PpoLoss.Old(
                    join(OLD_A, OLD_B),
                    join(VALUES_A, VALUES_B),
                    join(whitened.get(0), whitened.get(1)),
                    join(
                            Advantages.returns(advantages.get(0), VALUES_A),
                            Advantages.returns(advantages.get(1), VALUES_B)),
                    join(new float[] {a, a, a}, new float[] {b, b, b, b}));
            Scores now = new Scores(
                    join(new float[] {-.2f, -.75f, -.2f}, new float[] {-.9f, -.8f, -1.0f, -.6f}),
                    join(new float[] {.9f, .45f, .9f}, new float[] {.0f, .35f, .3f, .1f}));
            PpoLoss loss = PpoLoss.of(now, old, PpoConfig.REFT);
            assertEquals(policy, Tensors.toDouble(loss.policy()), TOLERANCE);
            assertEquals(value, Tensors.toDouble(loss.value()), TOLERANCE);
            assertEquals(total, Tensors.toDouble(loss.total()), TOLERANCE);
        }
    }

    /** Temporal differences -0.1, 0.2, 0.4, weighed by hand. */
    @Test
    void twoLambdasGiveThePolicyAndTheCriticTheirOwnAdvantages() {
        float[] rewards = {0, 0, 1};
        assertArrayEquals(new float[] {.1f, .4f, .4f}, Advantages.gae(rewards, VALUES_A, 1, .5), TOLERANCE);
        assertArrayEquals(
                new float[] {1, 1, 1},
                Advantages.returns(Advantages.gae(rewards, VALUES_A, 1, 1), VALUES_A),
                TOLERANCE);
    }

    @Test
    void lambdaGrowsWithTheLength() {
        assertEquals(0, Advantages.lengthAdaptiveLambda(.05, 10), "the formula says -1");
        assertEquals(0, Advantages.lengthAdaptiveLambda(.05, 20), 1e-12);
        assertEquals(.5, Advantages.lengthAdaptiveLambda(.05, 40), 1e-12);
        assertEquals(.9, Advantages.lengthAdaptiveLambda(.05, 200), 1e-12);
    }

    @Test
    void theKlCoefficientFollowsTheClippedError() {
        AdaptiveKl control = new AdaptiveKl(6, 10000);
        assertEquals(.1, control.next(.1, 6, 64), 1e-12);
        assertEquals(.100064, control.next(.1, 6.6, 64), 1e-12);
        assertEquals(.100128, control.next(.1, 12, 64), 1e-12);
        assertEquals(.100128, control.next(.1, 600, 64), 1e-12);
        assertEquals(.099872, control.next(.1, 0, 64), 1e-12);
    }

    /** Ratios 1.5 and 0.5. */
    @Test
    void aHigherBoundLetsRisingTokensRiseFurther() {
        PpoConfig higher =
                new PpoConfig(2, 32, .2, .2, 5, 1, .95, .05, true, .28, LossAverage.COMPLETION, 0, null, null);
        assertEquals(-1.2, policyLoss(1.5f, 1, PpoConfig.REFT), TOLERANCE);
        assertEquals(-1.28, policyLoss(1.5f, 1, higher), TOLERANCE);
        assertEquals(.8, policyLoss(.5f, -1, PpoConfig.REFT), TOLERANCE);
        assertEquals(.8, policyLoss(.5f, -1, higher), TOLERANCE);
    }

    private static double policyLoss(float ratio, float advantage, PpoConfig ppo) {
        try (var _ = NativeScope.open()) {
            Tensor zero = one(0);
            PpoLoss.Old old = new PpoLoss.Old(zero, zero, one(advantage), zero, one(1));
            return Tensors.toDouble(
                    PpoLoss.policyOnly(one((float) Math.log(ratio)), old, ppo).policy());
        }
    }

    private static Tensor one(float value) {
        return Tensors.floats(Place.HOST, new float[] {value}, 1);
    }

    @Test
    void withLambdaOneAdvantagesAreDiscountedReturnsMinusValues() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 50; round++) {
            int size = 1 + random.nextInt(20);
            float[] rewards = new float[size];
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                rewards[i] = (float) random.nextDouble(-1, 1);
                values[i] = (float) random.nextDouble(-1, 1);
            }
            double gamma = random.nextDouble(.5, 1);
            float[] advantages = Advantages.gae(rewards, values, gamma, 1);
            double discounted = 0;
            for (int i = size - 1; i >= 0; i--) {
                discounted = rewards[i] + gamma * discounted;
                assertEquals(discounted - values[i], advantages[i], 1e-5);
            }
        }
    }

    private static Tensor join(float[] a, float[] b) {
        float[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return Tensors.floats(Place.HOST, all, all.length);
    }
}
