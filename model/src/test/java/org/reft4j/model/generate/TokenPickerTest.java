package org.reft4j.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class TokenPickerTest {
    private static final double[] PROBABILITIES = {0.4, 0.3, 0.15, 0.1, 0.05, 0};
    private static final int DRAWS = 20_000;
    /** The 99.9 % quantile of chi-square with 4 degrees of freedom; the draws are fixed, so the test never flickers. */
    private static final double CHI_SQUARE = 18.47;

    @BeforeEach
    void start() {
        Torch.start();
    }

    @Test
    void frequenciesAreTheModels() {
        assertTrue(chiSquare(counts(config(1, 0, 1), 0), PROBABILITIES) < CHI_SQUARE);
        assertTrue(chiSquare(counts(config(1, 0, 1), 3), PROBABILITIES) < CHI_SQUARE);
        assertTrue(
                chiSquare(counts(config(1.2, 0, 1), 0), PROBABILITIES) > CHI_SQUARE, "a wrong temperature is noticed");
    }

    @Test
    void temperatureSharpens() {
        double[] squared = normalised(0.16, 0.09, 0.0225, 0.01, 0.0025, 0);
        assertTrue(chiSquare(counts(config(0.5, 0, 1), 0), squared) < CHI_SQUARE);
    }

    @Test
    void topKKeepsTheLikeliest() {
        assertTrue(chiSquare(counts(config(1, 2, 1), 0), normalised(0.4, 0.3, 0, 0, 0, 0)) < CHI_SQUARE);
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        assertTrue(chiSquare(counts(config(1, 0, 0.75), 0), normalised(0.4, 0.3, 0.15, 0, 0, 0)) < CHI_SQUARE);
        assertTrue(chiSquare(counts(config(1, 0, 0.69), 0), normalised(0.4, 0.3, 0, 0, 0, 0)) < CHI_SQUARE);
        for (double tiny : List.of(1e-6, 1e-40, 1e-300)) {
            assertTrue(chiSquare(counts(config(1, 0, tiny), 0), normalised(1, 0, 0, 0, 0, 0)) < CHI_SQUARE);
        }
    }

    @Test
    void topPCountsWithinTopK() {
        // The first of the two likeliest alone has 0.4 / 0.7 = 57 %.
        assertTrue(chiSquare(counts(config(1, 2, 0.55), 0), normalised(1, 0, 0, 0, 0, 0)) < CHI_SQUARE);
        assertTrue(chiSquare(counts(config(1, 2, 0.6), 0), normalised(0.4, 0.3, 0, 0, 0, 0)) < CHI_SQUARE);
    }

    @Test
    void logprobsAreOfThePlainDistribution() {
        try (var _ = NativeScope.open()) {
            for (SamplingConfig config :
                    List.of(config(1, 0, 1), config(0.5, 0, 1), config(2, 2, 0.9), config(0, 0, 1))) {
                TokenPicker.Picked picked = TokenPicker.pick(logits(4), config, 0.1f, 0.5f, 0.2f, 0.7f);
                for (int row = 0; row < 4; row++) {
                    assertEquals(Math.log(PROBABILITIES[picked.token(row)]), picked.logprob(row), 1e-5);
                }
            }
        }
    }

    /** 0.4 + 0.3 + 0.15 + 0.1 at temperature 1; their squares, 0.16 + 0.09 + 0.0225 + 0.01 + 0.0025 = 0.285, at 0.5. */
    @Test
    void supportsAreWhatTheFiltersLeave() {
        support(config(1, 2, 1), 0.7, 0, 1);
        support(config(1, 0, 0.8), 0.85, 0, 1, 2);
        support(config(0.5, 0, 0.8), 0.25 / 0.285, 0, 1);
        support(config(0.5, 3, 0.95), 0.2725 / 0.285, 0, 1, 2);
        support(config(0.5, 3, 0.6), 0.25 / 0.285, 0, 1);
        support(config(0.5, 3, 0.5), 0.16 / 0.285, 0);
        support(config(1, 0, 0.96), 1, 0, 1, 2, 3, 4);
        support(config(1, 100, 1), 1, 0, 1, 2, 3, 4, 5);
    }

    /** @param share of the probability that the support has */
    private static void support(SamplingConfig config, double share, int... ids) {
        try (var _ = NativeScope.open()) {
            TokenPicker.Picked picked = TokenPicker.pick(logits(3), config.withSupports(), 0.1f, 0.5f, 0.99f);
            for (int row = 0; row < 3; row++) {
                TokenSet support = picked.support(row).orElseThrow();
                assertEquals(TokenSet.of(PROBABILITIES.length, ids), support);
                assertTrue(support.contains(picked.token(row)));
                double weight = Math.pow(PROBABILITIES[picked.token(row)], 1 / config.temperature())
                        / (config.temperature() == 1 ? 1 : 0.285);
                assertEquals(Math.log(weight / share), picked.drawnLogprob(row), 1e-5);
            }
            assertTrue(TokenPicker.pick(logits(1), config, 0.1f).support(0).isEmpty(), "nobody asked");
        }
    }

    /** Diverged weights are for the caller to see, who finds a log-probability that is not a number. */
    @Test
    void scoresThatAreNotNumbersAreSeen() {
        for (SamplingConfig config : List.of(config(1, 0, 1), config(1, 2, 1), config(0.5, 0, 0.9))) {
            try (var _ = NativeScope.open()) {
                Tensor logits = Tensors.floats(Place.HOST, new float[] {Float.NaN, 1, 2}, 1, 3);
                TokenPicker.Picked picked = TokenPicker.pick(logits, config.withSupports(), 0.5f);
                assertTrue(Float.isNaN(picked.logprob(0)), config::toString);
            }
        }
    }

    @Test
    void theLargestUniformFindsTheLastTokenThatHasAWeight() {
        try (var _ = NativeScope.open()) {
            TokenPicker.Picked picked = TokenPicker.pick(logits(2), config(1, 0, 1), 0f, 1 - 0x1.0p-23f);
            assertEquals(0, picked.token(0));
            assertEquals(4, picked.token(1));
        }
    }

    @Test
    void uniformsAreFunctionsOfKeyAndPosition() {
        assertEquals(TokenPicker.uniform(5, 9), TokenPicker.uniform(5, 9));
        double sum = 0;
        double product = 0;
        for (int i = 0; i < DRAWS; i++) {
            float here = TokenPicker.uniform(i, 0);
            assertTrue(here >= 0 && here <= 1 - 0x1.0p-23f);
            sum += here;
            product += (here - 0.5) * (TokenPicker.uniform(i, 1) - 0.5)
                    + (here - 0.5) * (TokenPicker.uniform(i + 1, 0) - 0.5);
        }
        assertEquals(0.5, sum / DRAWS, 5 * Math.sqrt(1 / 12.0 / DRAWS));
        assertEquals(0, product / DRAWS, 5 * Math.sqrt(2 / 144.0 / DRAWS), "neighbours are independent");
    }

    private static SamplingConfig config(double temperature, int topK, double topP) {
        return SamplingConfig.sampling(temperature, topK, topP, 100);
    }

    private static Tensor logits(int rows) {
        float[] logits = new float[rows * PROBABILITIES.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(PROBABILITIES[i % PROBABILITIES.length]) + 3;
        }
        return Tensors.floats(Place.HOST, logits, rows, PROBABILITIES.length);
    }

    private static int[] counts(SamplingConfig config, int position) {
        float[] uniforms = new float[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            uniforms[i] = TokenPicker.uniform(i, position);
        }
        int[] counts = new int[PROBABILITIES.length];
        try (var _ = NativeScope.open()) {
            TokenPicker.Picked picked = TokenPicker.pick(logits(DRAWS), config, uniforms);
            for (int i = 0; i < DRAWS; i++) {
                counts[picked.token(i)]++;
            }
        }
        return counts;
    }

    private static double chiSquare(int[] counts, double... probabilities) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            if (probabilities[i] == 0) {
                assertEquals(0, counts[i], "token " + i + " cannot be drawn");
            } else {
                double expected = DRAWS * probabilities[i];
                sum += Math.pow(counts[i] - expected, 2) / expected;
            }
        }
        return sum;
    }

    private static double[] normalised(double... weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double[] probabilities = weights.clone();
        for (int i = 0; i < weights.length; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }
}
