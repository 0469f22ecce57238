package org.reft4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.model.OddsPolicy.PROMPT;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * A policy that samples from the likeliest two of three tokens, worked out by hand. Their odds of 4 : 2 : 1 are 16 : 4 : 1 at temperature
 * 0.5, so that top-k 2 leaves 4 : 1, and so does top-p 0.8, since the first has 16 / 21 = 76 %. The two pay 0 and 5, in the mean 1. The
 * reference has the odds 1 : 2 : 4, of which 1 : 4 is left.
 */
class SupportTest {
    /** float32 through one product and a softmax. */
    private static final float TOLERANCE = 1e-6f;

    private static final double TEMPERATURE = 0.5;
    private static final TokenSet SUPPORT = TokenSet.of(3, 0, 1);
    /** Cuts 20 tokens into pieces of six: 3 logits of 4 bytes each. */
    private static final GradientPlan PIECES = new GradientPlan(true, 6 * 3 * 4);

    private final OddsPolicy policy = new OddsPolicy(4, 2, 1);
    private final OddsPolicy reference = new OddsPolicy(1, 2, 4);

    @BeforeAll
    static void start() {
        Torch.start();
    }

    SupportTest() {
        policy.model().temperature(TEMPERATURE);
        reference.model().temperature(TEMPERATURE);
    }

    @AfterEach
    void close() {
        policy.close();
        reference.close();
    }

    /** Samples, 20 of them, of which each of the two tokens has exactly its share. */
    private static List<Row> samples(List<TokenSet> supports) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            rows.add(new Row(PROMPT, Tokens.of(i < 16 ? 0 : 1), supports));
        }
        return rows;
    }

    /** The gradient of the mean of reward times log-probability, by each logit. */
    private float[] gradient(List<TokenSet> supports) {
        try (var _ = NativeScope.open()) {
            float[] rewards = new float[20];
            java.util.Arrays.fill(rewards, 16, 20, 5f / 20);
            policy.model()
                    .backward(
                            Rows.of(Place.HOST, samples(supports)),
                            scores -> scores.logprobs()
                                    .mul(Tensors.floats(Place.HOST, rewards, 20))
                                    .sum());
        }
        return policy.gradientByLogit();
    }

    private static float[] logprobs(OddsPolicy of, List<Row> rows) {
        try (var _ = NativeScope.open()) {
            return Tensors.toFloats(of.model().score(Rows.of(Place.HOST, rows)).logprobs());
        }
    }

    /** By a logit: 1 / T times the share of its token times what that pays above the mean. Nothing reaches the one that was cut off. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theGradientIsThatOfThePolicyThatSampled(boolean pieces) {
        policy.model().plan(pieces ? PIECES : GradientPlan.FAST);
        float[] gradient = gradient(List.of(SUPPORT));
        assertArrayEquals(new float[] {-1.6f, 1.6f, 0}, gradient, 10 * TOLERANCE);
        assertEquals(0, gradient[2]);
    }

    /** The twin: among all tokens the third is pushed down, by 2 x 1/21 x the mean pay, though nothing could be drawn there. */
    @Test
    void aSupportThatIsForgottenIsNoticed() {
        assertArrayEquals(new float[] {-32f / 21, 34f / 21, -2f / 21}, gradient(List.of()), 10 * TOLERANCE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void logProbabilitiesAreThoseOfSampling(boolean pieces) {
        policy.model().plan(pieces ? PIECES : GradientPlan.FAST);
        reference.model().plan(pieces ? PIECES : GradientPlan.FAST);
        float[] now = logprobs(policy, samples(List.of(SUPPORT)));
        float[] there = logprobs(reference, samples(List.of(SUPPORT)));
        double entropy = 0;
        double kl = 0;
        for (int i = 0; i < 20; i++) {
            assertEquals(Math.log(i < 16 ? 0.8 : 0.2), now[i], TOLERANCE);
            assertEquals(Math.log(i < 16 ? 0.2 : 0.8), there[i], TOLERANCE);
            entropy -= now[i] / 20;
            kl += (now[i] - there[i]) / 20;
        }
        assertEquals(0.5004, entropy, 1e-4);
        assertEquals(0.6 * Math.log(4), kl, TOLERANCE);
    }

    /** Rows of either kind go through the model together, and a place where one token was left is certain. */
    @Test
    void supportsDifferFromPlaceToPlace() {
        List<Row> rows = List.of(
                new Row(PROMPT, Tokens.of(1)),
                new Row(PROMPT, Tokens.of(2), List.of(TokenSet.of(3, 2))),
                new Row(PROMPT, Tokens.of(2), List.of(TokenSet.of(3, 2, 0))));
        assertArrayEquals(
                new float[] {(float) Math.log(4.0 / 21), 0, (float) Math.log(1.0 / 17)},
                logprobs(policy, rows),
                TOLERANCE);
    }

    /** The end-of-text token, 1, is drawn from a support like any other. */
    @ParameterizedTest
    @ValueSource(strings = {"top-k", "top-p", "both"})
    void theSamplerKnowsWhatItDrewFrom(String filter) {
        SamplingConfig config = new SamplingConfig(
                TEMPERATURE,
                filter.equals("top-p") ? 0 : 2,
                filter.equals("top-k") ? 1 : filter.equals("top-p") ? 0.8 : 0.85,
                1,
                100,
                List.of(),
                true);
        List<Sampler.Draw> draws = LongStream.range(0, 40)
                .mapToObj(key -> new Sampler.Draw(PROMPT, key))
                .toList();
        List<Completion> completions = new Sampler(policy.model().decoder(), 1, 16).sample(draws, config);
        List<Row> rows = completions.stream()
                .map(completion -> new Row(PROMPT, completion.tokens(), completion.supports()))
                .toList();
        float[] trained = logprobs(policy, rows);
        for (int i = 0; i < 40; i++) {
            Completion completion = completions.get(i);
            int token = completion.tokens().get(0);
            assertEquals(List.of(SUPPORT), completion.supports());
            assertEquals(Math.log(token == 0 ? 0.8 : 0.2), completion.drawnLogprobs()[0], TOLERANCE);
            assertEquals(Math.log((token == 0 ? 4 : 2) / 7.0), completion.logprobs()[0], TOLERANCE);
            assertEquals(completion.drawnLogprobs()[0], trained[i], TOLERANCE);
        }
        assertTrue(completions.stream().anyMatch(c -> c.tokens().get(0) == 1), "an end of text");
    }

    @Test
    void nothingIsRememberedOfAWholeVocabulary() {
        SamplingConfig whole = SamplingConfig.sampling(TEMPERATURE, 0, 1, 4);
        SamplingConfig cut = SamplingConfig.sampling(TEMPERATURE, 2, 1, 4);
        for (SamplingConfig config :
                List.of(whole.withSupports(), cut, SamplingConfig.greedy(4).withSupports())) {
            Completion completion = new Sampler(policy.model().decoder(), -1, 1)
                    .sample(List.of(new Sampler.Draw(PROMPT, 1)), config)
                    .getFirst();
            assertEquals(List.of(), completion.supports());
        }
        assertEquals(List.of(), Rows.of(Place.HOST, samples(List.of())).supports());
    }

    @Test
    void refusesATokenThatCouldNotBeDrawn() {
        assertThrows(IllegalArgumentException.class, () -> new Row(PROMPT, Tokens.of(2), List.of(SUPPORT)));
        assertThrows(
                IllegalArgumentException.class, () -> new Row(PROMPT, Tokens.of(1), Collections.nCopies(2, SUPPORT)));
    }
}
