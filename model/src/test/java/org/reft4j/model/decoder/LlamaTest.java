package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

class LlamaTest {
    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private static String message(Class<? extends RuntimeException> type, Consumer<ObjectNode> change) {
        return String.valueOf(assertThrows(
                        type, () -> TinyLlama.create(change, DType.F32).close())
                .getMessage());
    }

    @Test
    void unknownThingsAreNamedWithTheKnownOnes() {
        String architecture = message(
                UnsupportedModelException.class,
                json -> json.putArray("architectures").add("MambaForCausalLM"));
        assertTrue(
                architecture.contains("MambaForCausalLM") && architecture.contains("LlamaForCausalLM"), architecture);
        String rope = message(
                UnsupportedModelException.class,
                json -> json.putObject("rope_scaling").put("type", "longrope").put("factor", 2));
        assertTrue(rope.contains("longrope") && rope.contains("llama3"), rope);
        String partial = message(UnsupportedModelException.class, json -> json.put("partial_rotary_factor", 0.5));
        assertTrue(partial.contains("partial_rotary_factor 0.5"), partial);
        String activation = message(UnsupportedModelException.class, json -> json.put("hidden_act", "relu6"));
        assertTrue(activation.contains("relu6") && activation.contains("silu"), activation);
    }

    @Test
    void impossibleSizesAreNamed() {
        assertTrue(message(FormatException.class, json -> json.put("num_key_value_heads", 3))
                .contains("num_key_value_heads"));
        assertTrue(
                message(FormatException.class, json -> json.put("head_dim", 7)).contains("head_dim"));
        assertTrue(message(FormatException.class, json -> json.put("num_attention_heads", 0))
                .contains("num_attention_heads"));
        assertTrue(message(FormatException.class, json -> json.remove("vocab_size"))
                .contains("vocab_size"));
        assertTrue(message(
                        FormatException.class,
                        json -> json.putObject("rope_scaling").put("type", "linear"))
                .contains("factor"));
    }

    @Test
    void weightsThatBelongElsewhereAreNamed() {
        ModelConfig config = TinyLlama.config(_ -> {});
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (var _ = NativeScope.open();
                Decoder decoder = TinyLlama.create()) {
            decoder.parameters().forEach(p -> tensors.put(p.name(), p.value()));
            tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensors.zeros(Place.HOST, DType.F32, 4));
            tensors.put("lm_head.weight", Tensors.zeros(Place.HOST, DType.F32, 50, 32));
            Decoder same = load(config, tensors);
            assertEquals(decoder.parameters().size(), same.parameters().size());
            same.close();

            tensors.put("model.layers.0.self_attn.q_norm.weight", Tensors.zeros(Place.HOST, DType.F32, 8));
            String surplus = String.valueOf(assertThrows(FormatException.class, () -> load(config, tensors))
                    .getMessage());
            assertTrue(surplus.contains("self_attn.q_norm.weight"), surplus);

            tensors.remove("model.layers.0.self_attn.q_norm.weight");
            tensors.remove("model.layers.1.mlp.up_proj.weight");
            long before = Pointer.totalCount();
            String missing = String.valueOf(assertThrows(FormatException.class, () -> load(config, tensors))
                    .getMessage());
            assertTrue(missing.contains("model.layers.1.mlp.up_proj.weight"), missing);
            assertTrue(Pointer.totalCount() <= before, "what was opened before the failure is closed");
        }
    }

    private Decoder load(ModelConfig config, Map<String, Tensor> tensors) {
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, tensors, DType.F32, Map.of());
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            return ModelFamilies.of(config).build(config, weights, DType.F32, Place.HOST);
        }
    }

    @Test
    void parametersAreInCheckpointOrderWithEveryBias() {
        try (Decoder decoder = TinyLlama.create(
                json -> json.put("attention_bias", true).put("mlp_bias", true).put("tie_word_embeddings", false),
                DType.F32)) {
            List<String> names =
                    decoder.parameters().stream().map(Parameter::name).toList();
            assertEquals(1 + 2 * 16 + 2, names.size());
            assertEquals("model.embed_tokens.weight", names.getFirst());
            assertEquals("lm_head.weight", names.getLast());
            assertTrue(names.containsAll(
                    List.of("model.layers.1.self_attn.o_proj.bias", "model.layers.0.mlp.gate_proj.bias")));
        }
    }

    /** Weights that are joined or cached while no gradient is recorded must follow changes. */
    @Test
    void writtenWeightsCount() {
        for (DType compute : List.of(DType.F32, DType.BF16)) {
            try (Decoder decoder = TinyLlama.create(_ -> {}, compute);
                    var _ = NativeScope.open()) {
                float[] before = logits(decoder);
                for (Parameter parameter : decoder.parameters()) {
                    parameter.value().mul_(new Scalar(1.5));
                    parameter.changed();
                }
                float[] after = logits(decoder);
                assertTrue(GoldenModel.distance(before, after, 1) > 0.01);
                assertArrayEquals(recorded(decoder), after, compute == DType.F32 ? 1e-4f : 0.05f);

                // As an optimiser does: every weight elsewhere, one after the other.
                for (Parameter parameter : decoder.parameters()) {
                    parameter.rebind(parameter.value().div(new Scalar(1.5)));
                }
                assertArrayEquals(before, logits(decoder), 1e-4f);
            }
        }
    }

    private static float[] logits(Decoder decoder) {
        return Tensors.toFloats(decoder.logits(
                decoder.hidden(Tensors.longs(Place.HOST, new long[] {3, 4, 5, 6}, 1, 4), (Tensor) null)));
    }

    private static float[] recorded(Decoder decoder) {
        decoder.parameters().forEach(p -> p.value().requires_grad_(true));
        try (var _ = Torch.recordGradients()) {
            return logits(decoder);
        } finally {
            decoder.parameters().forEach(p -> p.value().requires_grad_(false));
        }
    }

    @Test
    void bothSpellingsOfRotarySettingsAgree() {
        Consumer<ObjectNode> older = json -> json.put("rope_theta", 5000.0)
                .putObject("rope_scaling")
                .put("type", "linear")
                .put("factor", 4.0);
        Consumer<ObjectNode> newer = json -> json.putObject("rope_parameters")
                .put("rope_theta", 5000.0)
                .put("rope_type", "linear")
                .put("factor", 4.0);
        try (Decoder one = TinyLlama.create(older, DType.F32);
                Decoder other = TinyLlama.create(newer, DType.F32);
                Decoder plain = TinyLlama.create();
                var _ = NativeScope.open()) {
            assertArrayEquals(logits(one), logits(other));
            assertTrue(GoldenModel.distance(logits(one), logits(plain), 1) > 1e-3);
        }
    }

    @Test
    void trainingAndLoadingLeaveNothingBehind() throws InterruptedException {
        try (Decoder decoder = TinyLlama.create()) {
            decoder.parameters().forEach(p -> p.value().requires_grad_(true));
            step(decoder);
            long before = NativeObjects.settled();
            for (int i = 0; i < 20; i++) {
                step(decoder);
            }
            assertEquals(before, Pointer.totalCount());
        }
        long before = NativeObjects.settled();
        try (Decoder decoder = TinyLlama.create();
                var _ = NativeScope.open()) {
            logits(decoder);
        }
        assertEquals(before, Pointer.totalCount());
    }

    private static void step(Decoder decoder) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients()) {
            Tensor tokens = Tensors.longs(Place.HOST, new long[] {3, 4, 5, 6}, 2, 2);
            decoder.logits(decoder.hidden(tokens, (Tensor) null)).sum().backward();
        }
    }
}
