package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.FormatException;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class AdaptersTest {
    /** float32 sums in another order. */
    private static final float TOLERANCE = 1e-4f;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static AdapterConfig config(String targets, String saved) {
        return AdapterConfig.fresh("base", 2, 4, true, targets, saved, "the test");
    }

    private static AdaptedDecoder fresh(boolean tied, DType compute, AdapterConfig config) {
        return Adapters.fresh(TinyLlama.create(json -> json.put("tie_word_embeddings", tied), compute), config, i -> i);
    }

    private static void stir(Decoder decoder) {
        try (var _ = NativeScope.open()) {
            for (Parameter parameter : decoder.trained()) {
                parameter.value().add_(new Scalar(0.05));
                parameter.changed();
            }
        }
    }

    private static float[] logits(Decoder decoder) {
        try (var _ = NativeScope.open()) {
            Tensor tokens = Tensors.longs(Place.HOST, new long[] {1, 2, 3, 4, 5, 6}, 2, 3);
            return Tensors.toFloats(decoder.logits(decoder.hidden(tokens, (Tensor) null)));
        }
    }

    @Test
    void aNewAdapterChangesNothing() {
        for (DType compute : new DType[] {DType.F32, DType.BF16}) {
            try (AdaptedDecoder decoder = fresh(true, compute, config("all-linear", "embed_tokens, norm"))) {
                assertArrayEquals(logits(decoder.bare()), logits(decoder), 1e-6f);
                stir(decoder);
                assertTrue(GoldenModel.distance(logits(decoder.bare()), logits(decoder), 1) > 100 * TOLERANCE);
            }
        }
    }

    /** The delta, worked out by hand: scale 4 / sqrt(2), all of A and B filled. */
    @Test
    void theDifferenceIsScaledProductOfBothMatrices() {
        try (AdaptedDecoder decoder = fresh(false, DType.F32, config("lm_head", ""));
                var _ = NativeScope.open()) {
            Parameter a = decoder.trained().get(0);
            Parameter b = decoder.trained().get(1);
            a.value().fill_(new Scalar(0.5));
            b.value().fill_(new Scalar(0.25));
            Tensor ones = Tensors.zeros(Place.HOST, DType.F32, 1, 32).add(new Scalar(1));
            float before = Tensors.toFloats(decoder.bare().logits(ones))[7];
            float after = Tensors.toFloats(decoder.logits(ones))[7];
            // Each of the two inner products is 32 x 0.5, each counts 0.25.
            assertEquals(4 / Math.sqrt(2) * 2 * 16 * 0.25, after - before, 1e-3);
        }
    }

    @Test
    void whatIsWrittenIsReadAndMergesToTheSame() {
        for (boolean tied : new boolean[] {true, false}) {
            String saved = tied ? "norm" : "norm, lm_head, embed_tokens";
            Path path = folder.resolve("adapter-" + tied);
            float[] expected;
            try (AdaptedDecoder decoder = fresh(tied, DType.F32, config("q_proj, v_proj, down_proj", saved))) {
                stir(decoder);
                expected = logits(decoder);
                assertTrue(path.toFile().mkdir());
                Adapters.write(path, decoder.adapter().orElseThrow());
            }
            AdapterFolder adapter = AdapterFolder.open(path);
            try (AdaptedDecoder decoder = Adapters.load(base(tied), adapter)) {
                assertArrayEquals(expected, logits(decoder));
            }
            try (Decoder merged = Adapters.load(base(tied), adapter).merged()) {
                assertArrayEquals(expected, logits(merged), TOLERANCE);
                assertTrue(Adapters.active(merged).isEmpty());
            }
        }
    }

    private static Decoder base(boolean tied) {
        return TinyLlama.create(json -> json.put("tie_word_embeddings", tied), DType.F32);
    }

    /** Two adapters take turns on one base, also where whole weights are replaced. */
    @Test
    void adaptersShareABase() {
        Path path = folder.resolve("adapter");
        assertTrue(path.toFile().mkdir());
        try (AdaptedDecoder policy = fresh(false, DType.F32, config("all-linear", "lm_head"))) {
            stir(policy);
            Adapters.write(path, policy.adapter().orElseThrow());
            float[] first = logits(policy);
            try (AdaptedDecoder reference = Adapters.beside(policy, AdapterFolder.open(path))) {
                assertArrayEquals(first, logits(reference));
                stir(policy);
                float[] second = logits(policy);
                assertTrue(GoldenModel.distance(first, second, 1) > TOLERANCE);
                assertArrayEquals(first, logits(reference));
                assertArrayEquals(second, logits(policy));
            }
            assertArrayEquals(logits(policy), logits(policy));
        }
    }

    @Test
    void anOutputLayerThatIsTiedIsNotMergedAlone() {
        for (String saved : new String[] {"lm_head", "embed_tokens"}) {
            try (AdaptedDecoder decoder = fresh(true, DType.F32, config("q_proj", saved))) {
                stir(decoder);
                assertTrue(GoldenModel.distance(logits(decoder.bare()), logits(decoder), 1) > TOLERANCE);
                FormatException refusal = assertThrows(FormatException.class, decoder::merged);
                assertTrue(String.valueOf(refusal.getMessage()).contains("tie_word_embeddings"), refusal::toString);
            }
        }
    }

    @Test
    void adaptersOfAnotherBaseAreRefusedByTheirTensor() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        AdapterConfig config = config("q_proj", "");
        try (AdaptedDecoder decoder = fresh(true, DType.F32, config);
                var _ = NativeScope.open()) {
            decoder.trained().forEach(p -> tensors.put(p.name(), p.value()));
            String a = "model.layers.1.self_attn.q_proj.lora_A.weight";
            Map<String, Tensor> wide = new LinkedHashMap<>(tensors);
            wide.put(a, Tensors.zeros(Place.HOST, DType.F32, 2, 64));
            refused(config, wide, a);
            Map<String, Tensor> less = new LinkedHashMap<>(tensors);
            less.remove(a);
            refused(config, less, a);
            Map<String, Tensor> more = new LinkedHashMap<>(tensors);
            more.put("model.layers.2.self_attn.q_proj.lora_A.weight", Tensors.zeros(Place.HOST, DType.F32, 2, 32));
            refused(config, more, "model.layers.2.self_attn.q_proj.lora_A.weight");
            Map<String, Tensor> embedding = new LinkedHashMap<>(tensors);
            embedding.put("model.embed_tokens.lora_embedding_A", Tensors.zeros(Place.HOST, DType.F32, 2, 50));
            refused(config, embedding, "adapters of an embedding");
            Map<String, Tensor> changed = new LinkedHashMap<>(tensors);
            changed.put("lm_head.base_layer.weight", Tensors.zeros(Place.HOST, DType.F32, 50, 32));
            refused(config, changed, "lm_head.base_layer.weight");
            refused(config("c_attn", ""), tensors, "self_attn.q_proj");
        }
    }

    private void refused(AdapterConfig config, Map<String, Tensor> tensors, String named) {
        AdapterFolder.write(folder, config, tensors);
        AdapterFolder adapter = AdapterFolder.open(folder);
        Decoder base = base(true);
        long before = Pointer.totalCount();
        FormatException refusal = assertThrows(FormatException.class, () -> Adapters.load(base, adapter));
        assertTrue(String.valueOf(refusal.getMessage()).contains(named), refusal::toString);
        assertTrue(Pointer.totalCount() <= before, "what was opened is closed");
    }

    /** PEFT repeats the base's output matrix beside an adapter of it. */
    @Test
    void aRepeatedBaseWeightIsNoFault() {
        AdapterConfig config = config("lm_head", "");
        try (AdaptedDecoder decoder = fresh(false, DType.F32, config);
                var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            decoder.trained().forEach(p -> tensors.put(p.name(), p.value()));
            decoder.parameters().stream()
                    .filter(p -> p.name().equals("lm_head.weight"))
                    .forEach(p -> tensors.put("lm_head.base_layer.weight", p.value()));
            AdapterFolder.write(folder, config, tensors);
            Adapters.load(base(false), AdapterFolder.open(folder)).close();
        }
    }
}
