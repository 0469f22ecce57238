package org.reft4j.model.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.SafetensorsFileTest;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

/** GGUF files that this project writes, read back and compared with what they were made from. */
class GgufWriterTest {
    /** Gemma's norms are stored as one plus the weight: a rounding of float32 near 1. */
    private static final float SHIFTED = 1.2e-7f;

    private static final String SMOLLM2 = "models/smollm2-135m-instruct";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(GgufArchitecture.class)
    void everyArchitectureComesBackEqual(GgufArchitecture architecture) throws IOException {
        int models = 0;
        for (Path model : SharedFiles.folders("golden/models")) {
            ModelFolder read = ModelFolder.open(model);
            boolean known = read.config().architecture().equals(architecture.checkpoint());
            if (known) {
                Path file = folder.resolve(model.getFileName() + ".gguf");
                write(read, file, GgufStorage.F32);
                compare(read, ModelFolder.open(file));
                models++;
            }
        }
        System.out.println(models + " golden models of " + architecture + " written as GGUF agree");
        assertTrue(models > 0, architecture + " has no golden model");
    }

    private static void compare(ModelFolder original, ModelFolder written) {
        try (StoredWeights first = original.weights();
                StoredWeights second = written.weights()) {
            Set<String> names = new TreeSet<>(first.names());
            if (original.config().flag("tie_word_embeddings", false)) {
                names.remove("lm_head.weight");
            }
            assertEquals(names, new TreeSet<>(second.names()));
            for (String name : names) {
                boolean shifted = original.config().architecture().startsWith("Gemma") && name.endsWith("norm.weight");
                assertArrayEquals(
                        floats(first, name), floats(second, name), shifted ? SHIFTED : 0, original.path() + " " + name);
            }
        }
        ObjectNode expected = original.config().json();
        ObjectNode found = written.config().json();
        for (String key : List.of(
                "architectures",
                "hidden_size",
                "intermediate_size",
                "layer_types",
                "max_position_embeddings",
                "num_attention_heads",
                "num_hidden_layers",
                "num_key_value_heads",
                "query_pre_attn_scalar",
                "sliding_window",
                "tie_word_embeddings",
                "vocab_size")) {
            if (found.has(key)) {
                assertEquals(expected.path(key), found.path(key), key);
            }
        }
        assertEquals((float) expected.path("rms_norm_eps").asDouble(), (float)
                found.path("rms_norm_eps").asDouble());
        sameRotation(expected, found.path("rope_parameters"));
    }

    /** The older spelling keeps theta apart from the scaling. */
    private static void sameRotation(ObjectNode expected, JsonNode found) {
        JsonNode newer = expected.path("rope_parameters");
        if (newer.isObject()) {
            assertEquals(newer.toString(), found.toString());
            return;
        }
        assertEquals(
                expected.path("rope_theta").asDouble(), found.path("rope_theta").asDouble());
        for (Map.Entry<String, JsonNode> each : expected.path("rope_scaling").properties()) {
            JsonNode value = found.path(each.getKey());
            if (each.getValue().isNumber()) {
                assertEquals(each.getValue().asDouble(), value.asDouble(), each.getKey());
            } else {
                assertEquals(each.getValue(), value, each.getKey());
            }
        }
    }

    @Test
    void rowsOfQueriesAreInterleavedInLlamaFilesAlone() throws IOException {
        Path model = SharedFiles.find("golden/models/llama-gqa-tied");
        Path file = folder.resolve("llama.gguf");
        write(ModelFolder.open(model), file, GgufStorage.F32);
        byte[] bytes = Files.readAllBytes(file);
        String name = "model.layers.0.self_attn.q_proj.weight";
        // The same file under another name: what is interleaved stays so, and is seen to be.
        byte[] text = "llama".getBytes(UTF_8);
        byte[] other = "qwen2".getBytes(UTF_8);
        for (int i = 0; i + text.length < bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + text.length, text, 0, text.length)) {
                System.arraycopy(other, 0, bytes, i, other.length);
            }
        }
        Path renamed = Files.write(folder.resolve("other.gguf"), bytes);
        try (GgufFile right = GgufFile.open(file);
                GgufFile wrong = GgufFile.open(renamed)) {
            assertFalse(Arrays.equals(floats(right, name), floats(wrong, name)));
            String value = "model.layers.0.self_attn.v_proj.weight";
            assertArrayEquals(floats(right, value), floats(wrong, value));
        }
    }

    @Test
    void eightBitsAreWorkedOutByHand() {
        float[] values = new float[32];
        values[0] = -254;
        values[1] = 1;
        values[2] = 3.1f;
        values[3] = 127;
        byte[] block = new byte[34];
        PlainBlocks.storeQ8(values, 0, block, 0);
        // Scale 2 is 0x4000 in half precision; 0.5 is rounded away from zero, 1.55 to 2, 63.5 to 64.
        assertArrayEquals(new byte[] {0, 0x40, -127, 1, 2, 64, 0}, Arrays.copyOf(block, 7));
        PlainBlocks.storeQ8(new float[32], 0, block, 0);
        assertArrayEquals(new byte[34], block);
    }

    @Test
    void storageTypesKeepNormsWhole() throws IOException {
        ModelFolder model = ModelFolder.open(SharedFiles.find("golden/models/llama-gqa-tied"));
        String matrix = "model.layers.0.mlp.up_proj.weight";
        String norm = "model.layers.0.input_layernorm.weight";
        for (GgufStorage storage : GgufStorage.values()) {
            Path file = folder.resolve(storage + ".gguf");
            write(model, file, storage);
            try (GgufFile written = GgufFile.open(file);
                    StoredWeights original = model.weights()) {
                assertEquals(storage.name(), written.storage(matrix));
                assertEquals("F32", written.storage(norm));
                assertArrayEquals(floats(original, norm), floats(written, norm));
                float[] before = floats(original, matrix);
                float[] after = floats(written, matrix);
                float largest = 0;
                float error = 0;
                for (int i = 0; i < before.length; i++) {
                    largest = Math.max(largest, Math.abs(before[i]));
                    error = Math.max(error, Math.abs(before[i] - after[i]));
                }
                // Half a step of each type at the largest value; eight bits: of the scale, itself rounded to 11 bits.
                float bound = switch (storage) {
                    case F32 -> 0;
                    case F16 -> largest / 2048;
                    case BF16 -> largest / 256;
                    case Q8_0 -> largest / 254 + largest / 2048;
                };
                assertTrue(error <= bound && (storage == GgufStorage.F32 || error > bound / 50), storage + " " + error);
            }
        }
    }

    @Test
    void tokenizerIsWhatLlamaCppWroteForTheSameModel() {
        Path model = SharedFiles.find(SMOLLM2);
        try (GgufFile published = GgufFile.open(model.resolve("SmolLM2-135M-Instruct.Q4_1.gguf"))) {
            GgufVocabulary expected = published.vocabulary();
            Path saved = folder.resolve("saved");
            try (Tokenizer tokenizer = Tokenizers.of(expected)) {
                tokenizer.save(saved);
            }
            assertEquals("smollm", expected.splitting());
            assertEquals("smollm", Tokenizers.vocabulary(saved).splitting());
            // The folder's own tokenizer.json came about without the rule for digits.
            assertEquals("gpt-2", Tokenizers.vocabulary(model).splitting());
            for (Path each : List.of(saved, model)) {
                GgufVocabulary found = Tokenizers.vocabulary(each);
                assertEquals(expected.model(), found.model());
                assertEquals(expected.tokens(), found.tokens());
                assertEquals(expected.kinds(), found.kinds());
                assertEquals(expected.merges(), found.merges());
                assertEquals(expected.special(), found.special());
                assertEquals(expected.chatTemplate(), found.chatTemplate());
                assertEquals(expected.beginningInFront(), found.beginningInFront());
            }
            assertNotEquals(expected.filled(expected.tokens().size() + 1).tokens(), expected.tokens());
        }
    }

    @Test
    void whatFilesCannotSayIsRefused() throws IOException {
        ModelFolder llama = ModelFolder.open(SharedFiles.find("golden/models/llama-gqa-tied"));
        refused(changed(llama, "architectures", "[\"GPT2LMHeadModel\"]"), llama, "GPT2LMHeadModel", "Qwen3ForCausalLM");
        refused(changed(llama, "hidden_act", "\"gelu\""), llama, "\"hidden_act\" is \"gelu\"");
        refused(changed(llama, "sliding_window", "8"), llama, "\"sliding_window\" is 8");
        refused(changed(llama, "num_hidden_layers", "4"), llama, "9 tensors are missing", "blk.3.attn_k.weight");
        // Sizes that would fill the memory before a weight is looked for.
        refused(changed(llama, "num_hidden_layers", "2147483647"), llama, "\"num_hidden_layers\" is 2147483647");
        refused(changed(llama, "head_dim", "2147483646"), llama, "\"head_dim\" is 2147483646");
        refused(changed(llama, "num_attention_heads", "0"), llama, "\"num_attention_heads\" is 0");
        refused(changed(llama, "vocab_size", "2147483647"), llama, "embed_tokens", "2147483647");
        ModelFolder gemma = ModelFolder.open(SharedFiles.find("golden/models/gemma3-text"));
        refused(changed(gemma, "query_pre_attn_scalar", "7"), gemma, "\"query_pre_attn_scalar\" is 7");
        refused(changed(gemma, "final_logit_softcapping", "30.0"), gemma, "\"final_logit_softcapping\" is 30.0");
        refused(changed(gemma, "layer_types", "[\"full_attention\"]"), gemma, "layer_types");
        refused(gemma.config(), llama, "weights", "missing");
        assertEquals(0, folder.toFile().list().length);
    }

    private void refused(ModelConfig config, ModelFolder model, String... parts) {
        try (StoredWeights weights = model.weights()) {
            FormatException failure = assertThrows(
                    FormatException.class,
                    () -> GgufWriter.write(
                            folder.resolve("x.gguf"),
                            config,
                            weights,
                            Optional.empty(),
                            GgufStorage.F32,
                            Progress.NONE));
            SafetensorsFileTest.says(failure, parts);
        }
    }

    private static ModelConfig changed(ModelFolder model, String key, String value) {
        ObjectNode json = model.config().json().deepCopy();
        json.set(key, TinyTokenizer.json("{\"x\": " + value + "}").path("x"));
        return new ModelConfig(json, "config.json");
    }

    @Test
    void progressEndsAtTheWholeAndCanStopTheWork() {
        ModelFolder model = ModelFolder.open(SharedFiles.find("golden/models/llama-gqa-tied"));
        List<Long> seen = new ArrayList<>();
        try (StoredWeights weights = model.weights()) {
            GgufWriter.write(
                    folder.resolve("whole.gguf"),
                    model.config(),
                    weights,
                    Optional.empty(),
                    GgufStorage.F16,
                    (done, total) -> {
                        seen.add(done);
                        seen.add(total);
                    });
            assertEquals(seen.getLast(), seen.get(seen.size() - 2));
            assertThrows(
                    IllegalStateException.class,
                    () -> GgufWriter.write(
                            folder.resolve("stopped.gguf"),
                            model.config(),
                            weights,
                            Optional.empty(),
                            GgufStorage.F16,
                            (done, total) -> {
                                if (done > total / 2) {
                                    throw new IllegalStateException("enough");
                                }
                            }));
        }
        assertArrayEquals(new String[] {"whole.gguf"}, folder.toFile().list());
    }

    private static void write(ModelFolder model, Path file, GgufStorage storage) {
        try (StoredWeights weights = model.weights()) {
            GgufWriter.write(file, model.config(), weights, Optional.empty(), storage, Progress.NONE);
        }
    }

    private static float[] floats(StoredWeights weights, String name) {
        try (var _ = NativeScope.open()) {
            Tensor tensor = weights.take(name, DType.F32, weights.shape(name));
            return Tensors.toFloats(tensor);
        }
    }
}
