package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.model.GradientPlan;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.SharedPrompt;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Completions that share a prompt's line are scored, and learned from, as if each stood alone. */
class SharedPromptTest {
    /** float32 sums in another order, of figures of the size of 1. */
    private static final float TOLERANCE = 2e-5f;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static Tokens tokens(SplittableRandom random, int count) {
        return Tokens.of(random.ints(count, 1, TinyFamilies.VOCABULARY).toArray());
    }

    /** Three prompts; completions of the first two in turns, lengths down to 1. */
    private static List<Rows.Row> rows() {
        SplittableRandom random = new SplittableRandom(3);
        Tokens first = tokens(random, 7);
        Tokens second = tokens(random, 3);
        List<Rows.Row> rows = new ArrayList<>();
        for (int length : new int[] {5, 1, 9}) {
            rows.add(new Rows.Row(first, tokens(random, length)));
            rows.add(new Rows.Row(second, tokens(random, length + 1)));
        }
        rows.add(new Rows.Row(tokens(random, 5), tokens(random, 4)));
        return rows;
    }

    @Test
    void linesHoldEachPromptOnce() {
        try (var _ = NativeScope.open()) {
            Rows shared = Rows.of(Place.HOST, rows());
            assertArrayEquals(new long[] {3, 7 + 4 + 0 + 8}, Tensors.shape(shared.tokens()));
            SharedPrompt sharing = shared.sharing();
            assertNotNull(sharing);
            assertEquals(7 + 8, sharing.end(), "the last token of the longest row is not read");
            assertNull(Rows.of(Place.HOST, List.of(rows().getFirst(), rows().getLast()))
                    .sharing());
        }
    }

    @Test
    void groupsKeepToTheBudget() {
        List<Rows.Row> rows = rows();
        List<int[]> groups = Rows.groups(Place.HOST, rows, 13);
        int[] all = groups.stream().flatMapToInt(Arrays::stream).sorted().toArray();
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6}, all);
        try (var _ = NativeScope.open()) {
            for (int[] group : groups) {
                Rows part = Rows.of(
                        Place.HOST, Arrays.stream(group).mapToObj(rows::get).toList());
                long size = part.tokens().numel();
                assertTrue(size <= 13 || group.length == 1, () -> Arrays.toString(group) + " takes " + size);
            }
        }
        assertEquals(1, Rows.groups(Place.HOST, rows, 1000).size());
    }

    @ParameterizedTest
    @MethodSource("org.reft4j.model.decoder.TinyFamilies#all")
    void scoresAreThoseOfRowsAlone(TinyFamilies family) {
        try (PolicyModel policy = PolicyModel.of(family.create());
                var _ = NativeScope.open()) {
            List<Rows.Row> rows = rows();
            float[] together =
                    Tensors.toFloats(policy.score(Rows.of(Place.HOST, rows)).logprobs());
            int at = 0;
            for (Rows.Row row : rows) {
                float[] alone = Tensors.toFloats(
                        policy.score(Rows.of(Place.HOST, List.of(row))).logprobs());
                assertArrayEquals(alone, Arrays.copyOfRange(together, at, at + alone.length), TOLERANCE);
                at += alone.length;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.reft4j.model.decoder.TinyFamilies#all")
    void gradientsAreThoseOfRowsAlone(TinyFamilies family) {
        for (boolean checkpointing : new boolean[] {false, true}) {
            try (PolicyModel policy = PolicyModel.of(family.create())) {
                policy.plan(new GradientPlan(checkpointing, GradientPlan.LOGIT_BYTES));
                policy.trained().forEach(parameter -> parameter.value().requires_grad_(true));
                List<Rows.Row> rows = rows();
                List<float[]> together = gradients(policy, List.of(rows));
                List<float[]> alone =
                        gradients(policy, rows.stream().map(List::of).toList());
                for (int i = 0; i < together.size(); i++) {
                    // Sums of float32 deviate in proportion to what is summed: an entry of 3.5 was 3.7e-5 off on a
                    // processor of another family.
                    double bound = TOLERANCE * Math.max(1, GoldenModelsTest.largest(alone.get(i)));
                    assertArrayEquals(
                            alone.get(i),
                            together.get(i),
                            (float) bound,
                            policy.trained().get(i).name());
                }
            }
        }
    }

    private static List<float[]> gradients(PolicyModel policy, List<List<Rows.Row>> parts) {
        policy.trained().stream()
                .map(parameter -> parameter.value().grad())
                .filter(Tensor::defined)
                .forEach(Tensor::zero_);
        for (List<Rows.Row> part : parts) {
            try (var _ = NativeScope.open()) {
                policy.backwardLikelihood(Rows.of(Place.HOST, part), 0.1);
            }
        }
        List<float[]> gradients = new ArrayList<>();
        try (var _ = NativeScope.open()) {
            for (Parameter parameter : policy.trained()) {
                Tensor gradient = parameter.value().grad();
                gradients.add(gradient.defined() ? Tensors.toFloats(gradient.contiguous()) : new float[0]);
            }
        }
        return gradients;
    }
}
