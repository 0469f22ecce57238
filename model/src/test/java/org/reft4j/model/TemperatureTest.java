package org.reft4j.model;

import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.TinyLlama;


import org.reft4j.model.decoder.layers.Parameter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * A policy that samples at temperature 0.5, worked out by hand: three tokens with the odds 4 : 2 : 1, which at 0.5 are 16 : 4 : 1. They pay
 * 0, 1 and 17, so that the second one pays just the mean of what is sampled, (4 + 17) / 21.
 */
class TemperatureTest {
    /** float32 through one product and a softmax. */
    private static final float TOLERANCE = 1e-6f;

    private static final double[] ODDS = {4, 2, 1};
    private static final float[] PAID = {0, 1, 17};
    private static final int[] SAMPLED = {16, 4, 1};
    private static final Tokens PROMPT = Tokens.of(1);

    private final PolicyModel policy;
    private final float[] hidden;

    @BeforeAll
    static void start() {
        Torch.start();
    }

    /** An output layer whose rows are so many times the one hidden state that is asked, divided by its square: the logits are the numbers. */
    TemperatureTest() {
        Decoder decoder =
                TinyLlama.create(json -> json.put("vocab_size", 3).put("tie_word_embeddings", false), DType.F32);
        try (var _ = NativeScope.open()) {
            hidden = Tensors.toFloats(decoder.hidden(Tensors.longs(new long[] {1}, 1, 1), (Tensor) null));
            float[] weights = new float[3 * hidden.length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) (Math.log(ODDS[i / hidden.length]) * hidden[i % hidden.length] / square());
            }
            Parameter head = head(decoder);
            head.value().copy_(Tensors.floats(weights, 3, hidden.length));
            head.value().requires_grad_(true);
        }
        policy = PolicyModel.of(decoder);
    }

    @AfterEach
    void close() {
        policy.close();
    }

    private static Parameter head(Decoder decoder) {
        return decoder.parameters().stream()
                .filter(parameter -> parameter.name().equals("lm_head.weight"))
                .findFirst()
                .orElseThrow();
    }

    private double square() {
        double sum = 0;
        for (float value : hidden) {
            sum += value * value;
        }
        return sum;
    }

    /** What 21 samples come to when each token has exactly its share of them. */
    private static List<Rows.Row> samples() {
        List<Rows.Row> rows = new ArrayList<>();
        for (int token = 0; token < 3; token++) {
            for (int i = 0; i < SAMPLED[token]; i++) {
                rows.add(new Rows.Row(PROMPT, Tokens.of(token)));
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
                    Rows.of(rows),
                    scores -> scores.logprobs().mul(Tensors.floats(rewards, 21)).sum());
            float[] byWeight = Tensors.toFloats(head(policy.decoder()).value().grad());
            float[] byLogit = new float[3];
            for (int i = 0; i < byWeight.length; i++) {
                byLogit[i / hidden.length] += (float) (byWeight[i] * hidden[i % hidden.length] / square());
            }
            return byLogit;
        }
    }

    private float[] logprobs() {
        try (var _ = NativeScope.open()) {
            return Tensors.toFloats(policy.score(Rows.of(samples())).logprobs());
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
