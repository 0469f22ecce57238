package org.reft4j.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.reft4j.train.ConfigException;

/** Advantages, weights and penalties worked out by hand. */
class GroupAdvantageTest {
    private static final float TOLERANCE = 2e-6f;

    /** Mean 0.366667, squares 0.401111 + 0.071111 + 0.134444, unbiased standard deviation 0.550757. */
    @Test
    void threeRewards() {
        double[] rewards = {1, 0.1, 0};
        assertArrayEquals(new float[] {1.149931f, -0.484182f, -0.665750f}, GroupAdvantage.GROUP.of(rewards), TOLERANCE);
        assertArrayEquals(
                new float[] {0.633333f, -0.266667f, -0.366667f}, GroupAdvantage.UNSCALED.of(rewards), TOLERANCE);
        // Against the means of the others: 0.05, 0.5, 0.55.
        assertArrayEquals(new float[] {0.95f, -0.4f, -0.55f}, GroupAdvantage.LEAVE_ONE_OUT.of(rewards), TOLERANCE);
    }

    /** Half of four: the unbiased standard deviation is sqrt(1 / 3), the biased one would be 1 / 2. */
    @Test
    void theStandardDeviationIsTheUnbiasedOne() {
        assertArrayEquals(
                new float[] {0.866024f, -0.866024f, -0.866024f, 0.866024f},
                GroupAdvantage.GROUP.of(1, 0, 0, 1),
                TOLERANCE);
    }

    /** The three rewards above, of two questions. */
    @Test
    void overAllCompletionsOfAStep() {
        List<float[]> found = GroupAdvantage.BATCH.of(List.of(new double[] {1, 0}, new double[] {0.1}));
        assertArrayEquals(new float[] {1.149931f, -0.665750f}, found.get(0), TOLERANCE);
        assertArrayEquals(new float[] {-0.484182f}, found.get(1), TOLERANCE);
    }

    /** Differences 0.5, -0.5 | 0.25, -0.25, whose standard deviation is the root of 0.625 / 3. */
    @Test
    void scaledOverAllCompletionsOfAStep() {
        List<float[]> found = GroupAdvantage.BATCH_SCALED.of(List.of(new double[] {1, 0}, new double[] {1, 0.5}));
        assertArrayEquals(new float[] {1.095443f, -1.095443f}, found.get(0), TOLERANCE);
        assertArrayEquals(new float[] {0.547721f, -0.547721f}, found.get(1), TOLERANCE);
    }

    /** With one question, or with independent groups, the sums are those of each group by itself. */
    @ParameterizedTest
    @EnumSource(names = {"GROUP", "UNSCALED", "LEAVE_ONE_OUT"})
    void questionsDoNotTouchEachOther(GroupAdvantage advantage) {
        List<float[]> found = advantage.of(List.of(new double[] {1, 0}, new double[] {1, 0.1, 0}));
        assertArrayEquals(advantage.of(1, 0), found.get(0));
        assertArrayEquals(advantage.of(1, 0.1, 0), found.get(1));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasPaidAlikeHasNoAdvantage(GroupAdvantage advantage) {
        assertArrayEquals(new float[3], advantage.of(0.1, 0.1, 0.1));
        assertArrayEquals(new float[1], advantage.of(1));
        assertEquals(0, advantage.of().length);
    }

    @Test
    void rewardsDiffer() {
        assertTrue(GroupAdvantage.differ(0, 0, 0.1));
        assertFalse(GroupAdvantage.differ(0.1, 0.1));
        assertFalse(GroupAdvantage.differ());
    }

    /** Completions of 2 and 4 tokens, and a constant of 10. */
    @ParameterizedTest
    @CsvSource({"COMPLETION, 0.25, 0.125", "TOKEN, 0.16666667, 0.16666667", "CONSTANT, 0.05, 0.05"})
    void weights(LossAverage average, double two, double four) {
        assertEquals(two, average.weight(2, 2, 6, 10), 1e-8);
        assertEquals(four, average.weight(4, 2, 6, 10), 1e-8);
    }

    /** Equation 13 of DAPO with a longest length of 10 and a buffer of 4. */
    @ParameterizedTest
    @CsvSource({"1, 0", "6, 0", "7, -0.25", "8, -0.5", "10, -1", "11, -1", "50, -1"})
    void longCompletionsLose(int tokens, double penalty) {
        assertEquals(penalty, new OverlongPenalty(10, 4).of(tokens));
        assertEquals(0, OverlongPenalty.NONE.of(tokens));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, overlong.max-tokens",
        "10, 0, overlong.buffer",
        "10, 11, overlong.buffer",
        "0, 3, overlong.buffer"
    })
    void impossiblePenaltiesAreRefused(int maxTokens, int buffer, String key) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, () -> new OverlongPenalty(maxTokens, buffer))
                        .getMessage());
        assertTrue(message.contains(key), message);
    }
}
