package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Tests that every family can be saved, sampled from, scored, trained and closed. */
class FamiliesTest {
    private static final String EACH = "org.reft4j.model.decoder.TinyFamilies#all";
    /** float32 sums in another order; log-probabilities are of the size of 5. */
    private static final double GAP = 1e-4;

    private static final int END = 2;
    private static final List<Tokens> PROMPTS =
            List.of(Tokens.of(5, 6, 7), Tokens.of(9), Tokens.of(11, 12, 13, 14, 15, 16, 17), Tokens.of(20, 21));
    private static final long[] ROW = {3, 4, 5, 6, 7, 8, 9, 10};

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static float[] hidden(Decoder decoder, long... ids) {
        return Tensors.toFloats(decoder.hidden(Tensors.longs(Place.HOST, ids, 1, ids.length), (Tensor) null));
    }

    private static float[] logits(Decoder decoder) {
        return Tensors.toFloats(
                decoder.logits(decoder.hidden(Tensors.longs(Place.HOST, ROW, 1, ROW.length), (Tensor) null)));
    }

    @Test
    void everyFamilyIsAmongThem() {
        Set<String> tested = TinyFamilies.ALL.stream()
                .map(tiny -> tiny.config(_ -> {}).architecture())
                .collect(Collectors.toSet());
        ModelFamilies.ALL.forEach(family -> assertTrue(tested.containsAll(family.architectures())));
    }

    @ParameterizedTest
    @MethodSource(EACH)
    void whatIsSavedIsReadBack(TinyFamilies tiny) {
        try (Decoder decoder = tiny.create();
                Tokenizer tokenizer = TinyTokenizer.open();
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            decoder.parameters().forEach(p -> tensors.put(p.name(), p.value()));
            assertEquals(decoder.parameters().size(), tensors.size(), "names differ");
            ModelFolder.save(folder.resolve("model"), decoder.config(), tensors, tokenizer, DType.F32);
            ModelFolder read = ModelFolder.open(folder.resolve("model"));
            try (Weights weights = read.weights();
                    Decoder again =
                            ModelFamilies.of(read.config()).build(read.config(), weights, DType.F32, Place.HOST)) {
                assertArrayEquals(logits(decoder), logits(again));
            }
        }
    }

    /** Rows of unequal prompts, left padded and cached, against the same rows right padded and whole. */
    @ParameterizedTest
    @MethodSource(EACH)
    void samplingAndScoringAgree(TinyFamilies tiny) {
        try (PolicyModel policy = PolicyModel.of(tiny.create());
                PolicyModel other = PolicyModel.of(tiny.create(GoldenModel::tamper))) {
            List<Sampler.Draw> draws = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                draws.add(new Sampler.Draw(PROMPTS.get(i % PROMPTS.size()), i));
            }
            List<Completion> completions =
                    new Sampler(policy.decoder(), END, 64).sample(draws, SamplingConfig.sampling(1, 0, 1, 30));
            assertTrue(
                    completions.stream().map(c -> c.tokens().size()).distinct().count() > 2, "rows leave at once");
            assertTrue(gap(policy, draws, completions) < GAP, () -> "gap " + gap(policy, draws, completions));
            assertTrue(gap(other, draws, completions) > 100 * GAP);
        }
    }

    private static double gap(PolicyModel policy, List<Sampler.Draw> draws, List<Completion> completions) {
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < draws.size(); i++) {
            rows.add(new Rows.Row(draws.get(i).prompt(), completions.get(i).tokens()));
        }
        try (var _ = NativeScope.open()) {
            float[] scored =
                    Tensors.toFloats(policy.score(Rows.of(Place.HOST, rows)).logprobs());
            double gap = 0;
            int at = 0;
            for (Completion completion : completions) {
                for (float sampled : completion.logprobs()) {
                    gap = Math.max(gap, Math.abs(sampled - scored[at++]));
                }
            }
            assertEquals(scored.length, at);
            return gap;
        }
    }

    @ParameterizedTest
    @MethodSource(EACH)
    void everyWeightLearnsAndCounts(TinyFamilies tiny) {
        try (Decoder decoder = tiny.create();
                var _ = NativeScope.open()) {
            float[] before = logits(decoder);
            decoder.parameters().forEach(p -> p.value().requires_grad_(true));
            try (var _ = Torch.recordGradients()) {
                Tensor logits = decoder.logits(decoder.hidden(Tensors.longs(Place.HOST, ROW, 2, 4), (Tensor) null));
                logits.log_softmax(-1).select(2, 1).sum().backward();
            }
            for (Parameter parameter : decoder.parameters()) {
                assertTrue(parameter.value().grad().defined(), parameter.name());
                parameter.value().requires_grad_(false);
                parameter.value().add_(parameter.value().grad(), Tensors.scalar(0.01));
                parameter.changed();
            }
            assertTrue(GoldenModel.distance(before, logits(decoder), 1) > 1e-3);
        }
    }

    @ParameterizedTest
    @MethodSource(EACH)
    void bfloat16ProductsStayNear(TinyFamilies tiny) {
        try (Decoder exact = tiny.create();
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            exact.parameters().forEach(p -> tensors.put(p.name(), p.value()));
            Path file = folder.resolve("model.safetensors");
            Safetensors.write(file, tensors, DType.F32, Map.of());
            for (DType master : List.of(DType.F32, DType.BF16)) {
                try (Weights weights = SafetensorsFile.open(file);
                        Decoder coarse = ModelFamilies.of(exact.config())
                                .build(exact.config(), weights, master, Place.host(DType.BF16))) {
                    float[] expected = logits(exact);
                    float[] found = logits(coarse);
                    double error = 0;
                    double size = 0;
                    for (int i = 0; i < expected.length; i++) {
                        error += Math.pow(expected[i] - found[i], 2);
                        size += Math.pow(expected[i], 2);
                    }
                    assertTrue(Math.sqrt(error / size) < 0.1, "relative error " + Math.sqrt(error / size));
                }
            }
        }
    }

    /** Whatever the other products are computed in: rounded to bfloat16, logits are off by up to one part in 256. */
    @ParameterizedTest
    @MethodSource(EACH)
    void theOutputLayerIsComputedInFloat32(TinyFamilies tiny) {
        try (Decoder exact = tiny.create();
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            exact.parameters().forEach(p -> tensors.put(p.name(), p.value()));
            Path file = folder.resolve("output.safetensors");
            Safetensors.write(file, tensors, DType.F32, Map.of());
            float[] states = new float[3 * exact.width()];
            for (int i = 0; i < states.length; i++) {
                states[i] = (float) Math.sin(i);
            }
            Tensor hidden = Tensors.floats(Place.HOST, states, 3, exact.width());
            float[] expected = Tensors.toFloats(exact.logits(hidden));
            for (DType master : List.of(DType.F32, DType.BF16)) {
                try (Weights weights = SafetensorsFile.open(file);
                        Decoder coarse = ModelFamilies.of(exact.config())
                                .build(exact.config(), weights, master, Place.host(DType.BF16))) {
                    assertArrayEquals(expected, Tensors.toFloats(coarse.logits(hidden)), 1e-5f);
                    try (var _ = Packing.of(coarse, 32)) {
                        assertArrayEquals(expected, Tensors.toFloats(coarse.logits(hidden)), 1e-5f);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EACH)
    void missingAndSurplusWeightsAreNamedAndNothingStaysOpen(TinyFamilies tiny) throws InterruptedException {
        try (Decoder decoder = tiny.create();
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            decoder.parameters().forEach(p -> tensors.put(p.name(), p.value()));
            String last = decoder.parameters().getLast().name();
            Tensor removed = tensors.remove(last);
            refusal(decoder, tensors, "warm up");
            long before = NativeObjects.settled();
            assertTrue(refusal(decoder, tensors, last).contains(last));
            assertEquals(before, Pointer.totalCount());
            tensors.put(last, removed);
            tensors.put("layers.0.surplus.weight", Tensors.zeros(Place.HOST, DType.F32, 1));
            assertTrue(refusal(decoder, tensors, "surplus").contains("layers.0.surplus.weight"));
        }
    }

    private String refusal(Decoder decoder, Map<String, Tensor> tensors, String name) {
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, tensors, DType.F32, Map.of());
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            return String.valueOf(assertThrows(
                            FormatException.class,
                            () -> ModelFamilies.of(decoder.config())
                                    .build(decoder.config(), weights, DType.F32, Place.HOST)
                                    .close(),
                            name)
                    .getMessage());
        }
    }

    /** Checkpoints of the backbone alone, and old ones with buffers that follow from the configuration. */
    @ParameterizedTest
    @MethodSource(EACH)
    void barePrefixesAndOldBuffersAreRead(TinyFamilies tiny) {
        try (Decoder decoder = tiny.create();
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            decoder.parameters()
                    .forEach(p -> tensors.put(
                            p.name().replaceFirst("^(model\\.decoder|model|transformer)\\.", ""), p.value()));
            for (String buffer : List.of(
                    "layers.0.self_attn.rotary_emb.inv_freq",
                    "rotary_emb_local.inv_freq",
                    "h.0.attn.bias",
                    "h.0.attn.masked_bias",
                    "h.1.attn.causal_mask")) {
                tensors.put(buffer, Tensors.zeros(Place.HOST, DType.F32, 4));
            }
            Path file = folder.resolve("model.safetensors");
            Safetensors.write(file, tensors, DType.F32, Map.of());
            try (SafetensorsFile weights = SafetensorsFile.open(file);
                    Decoder bare = ModelFamilies.of(decoder.config())
                            .build(decoder.config(), weights, DType.F32, Place.HOST)) {
                assertArrayEquals(logits(decoder), logits(bare));
                assertTrue(tensors.keySet()
                        .containsAll(
                                bare.parameters().stream().map(Parameter::name).toList()));
            }
        }
    }

    /** With one layer, the last token sees itself and the two before it, and nothing else. */
    @Test
    void aWindowIsExactlyAsWideAsItSays() {
        for (TinyFamilies tiny : List.of(TinyFamilies.MISTRAL, TinyFamilies.GEMMA3)) {
            try (Decoder decoder = tiny.create(json -> json.put("num_hidden_layers", 1));
                    var _ = NativeScope.open()) {
                float[] whole = last(hidden(decoder, 3, 4, 5, 6, 7));
                assertArrayEquals(whole, last(hidden(decoder, 3, 9, 5, 6, 7)), "three before");
                assertTrue(GoldenModel.distance(whole, last(hidden(decoder, 3, 4, 9, 6, 7)), 1) > 1e-3, "two before");
                try (KvCache cache = decoder.cache(1, 5)) {
                    decoder.hidden(Tensors.longs(Place.HOST, new long[] {3, 4, 5, 6}, 1, 4), cache);
                    float[] cached =
                            Tensors.toFloats(decoder.hidden(Tensors.longs(Place.HOST, new long[] {7}, 1, 1), cache));
                    assertArrayEquals(whole, cached, 1e-5f);
                }
            }
        }
    }

    private static float[] last(float[] hidden) {
        return java.util.Arrays.copyOfRange(hidden, hidden.length - TinyFamilies.WIDTH, hidden.length);
    }

    @Test
    void layerTypesSayWhatOlderKeysSay() {
        try (Decoder older = TinyFamilies.QWEN2.create();
                Decoder newer = TinyFamilies.QWEN2.create(json -> json.put("max_window_layers", 99)
                        .putArray("layer_types")
                        .add("full_attention")
                        .add("sliding_attention")
                        .add("sliding_attention"));
                Decoder off = TinyFamilies.QWEN2.create(json -> json.put("use_sliding_window", false));
                var _ = NativeScope.open()) {
            assertArrayEquals(logits(older), logits(newer));
            assertTrue(GoldenModel.distance(logits(older), logits(off), 1) > 1e-3);
        }
    }

    @Test
    void gemmasRotarySettingsAgreeInBothSpellings() {
        try (Decoder older = TinyFamilies.GEMMA3.create();
                Decoder newer = TinyFamilies.GEMMA3.create(json -> {
                    json.remove(
                            List.of("rope_theta", "rope_scaling", "rope_local_base_freq", "sliding_window_pattern"));
                    json.putArray("layer_types")
                            .add("sliding_attention")
                            .add("full_attention")
                            .add("sliding_attention");
                    var byType = json.putObject("rope_parameters");
                    byType.putObject("full_attention")
                            .put("rope_type", "linear")
                            .put("factor", 8)
                            .put("rope_theta", 50_000);
                    byType.putObject("sliding_attention")
                            .put("rope_type", "default")
                            .put("rope_theta", 500);
                });
                var _ = NativeScope.open()) {
            assertArrayEquals(logits(older), logits(newer));
        }
    }

    /** One plus 0: the norms of a new Gemma begin at the scale of 1, those of the others at 1. */
    @Test
    void newNormsBeginAtTheScaleOfOne() {
        for (TinyFamilies tiny : List.of(TinyFamilies.GEMMA3, TinyFamilies.QWEN3)) {
            try (Decoder decoder = tiny.create();
                    var _ = NativeScope.open()) {
                float expected = tiny.equals(TinyFamilies.GEMMA3) ? 0 : 1;
                for (Parameter parameter : decoder.parameters()) {
                    if (parameter.name().endsWith("norm.weight")) {
                        assertEquals(expected, Tensors.toFloats(parameter.value())[0], parameter.name());
                    }
                }
            }
        }
    }
}
