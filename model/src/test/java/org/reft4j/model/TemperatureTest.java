package org.reft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * A policy that samples at temperature 0.5, worked out by hand: three tokens with the odds 4 : 2 : 1, which at 0.5 are 16 : 4 : 1. They pay
 * 0, 1 and 17, so that the second one pays just the mean of what is sampled, (4 + 17) / 21.
 */
class TemperatureTest {
    /** float32 through one product and a softmax. */
    private static final float TOLERANCE = 1e-6f;

    private static final float[] PAID = {0, 1, 17};
    private static final int[] SAMPLED = {16, 4, 1};

    private final OddsPolicy odds = new OddsPolicy(4, 2, 1);
    private final PolicyModel policy = odds.model();

    @BeforeAll
    static void start() {
        Torch.start();
    }

    @AfterEach
    void close() {
        odds.close();
    }

    /** Rows of 21 samples in which each token has exactly its share. */
    private static List<Rows.Row> samples() {
        List<Rows.Row> rows = new ArrayList<>();
        for (int token = 0; token < 3; token++) {
            for (int i = 0; i < SAMPLED[token]; i++) {
                rows.add(new Rows.Row(OddsPolicy.PROMPT, Tokens.of(token)));
            }
        }
        return rows;
    }

    /** The gradient of the mean of reward times log-probability, by each logit. */
    private float[] gradient() {
        try (var _ = NativeScope.open()) {
            float[] rewards = new float[21];
            List<Rows.Row> rows = samples();
            for (int i = 0; i < rewards.length; i++) {
                rewards[i] = PAID[rows.get(i).completion().get(0)] / 21;
            }
            policy.backward(
                    Rows.of(Place.HOST, rows),
                    scores -> scores.logprobs()
                            .mul(Tensors.floats(Place.HOST, rewards, 21))
                            .sum());
            return odds.gradientByLogit();
        }
    }

    private float[] logprobs() {
        try (var _ = NativeScope.open()) {
            return Tensors.toFloats(policy.score(Rows.of(Place.HOST, samples())).logprobs());
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** By a logit: 1 / T times the share of its token times what that pays above the mean, which is 0 for the second. */
    @Test
    void theGradientIsThatOfThePolicyThatSampled() {
        policy.temperature(0.5);
        assertArrayEquals(new float[] {-32f / 21, 0, 32f / 21}, gradient(), 10 * TOLERANCE);
    }

    /** The twin: at temperature 1 the second logit is pushed down for paying what is usual, and the others by less than half. */
    @Test
    void anotherTemperatureIsNoticed() {
        assertArrayEquals(new float[] {-12f / 21, -2f / 21, 14f / 21}, gradient(), 10 * TOLERANCE);
    }

    /** The entropy of 16 : 4 : 1, in nats. */
    @Test
    void logProbabilitiesAreThoseOfSampling() {
        policy.temperature(0.5);
        double entropy = Math.log(21) - (16 * Math.log(16) + 4 * Math.log(4)) / 21;
        assertEquals(0.6680, entropy, 1e-4);
        assertEquals(entropy, -mean(logprobs()), TOLERANCE);
        policy.temperature(1);
        assertEquals(Math.log(7) - (16 * Math.log(4) + 4 * Math.log(2)) / 21, -mean(logprobs()), TOLERANCE);
    }

    @Test
    void refusesWhatIsNoTemperature() {
        assertThrows(IllegalArgumentException.class, () -> policy.temperature(0));
        assertThrows(IllegalArgumentException.class, () -> policy.temperature(Double.NaN));
    }
}
