package org.reft4j.model.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.gguf.GgufStorage;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.ShardedSafetensors;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** Models in another format or type, and what must come along. */
class ModelConversionTest {
    private static final long ONE_FILE = 1L << 40;
    private static final String SHARDED = "golden/models/llama-bf16-sharded";

    @TempDir
    private Path base;

    @Test
    void everyTypeAndCutHoldsTheSameWeights() throws IOException {
        ModelFolder model = ModelFolder.open(SharedFiles.find(SHARDED));
        for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16)) {
            for (long shard : List.of(ONE_FILE, 50_000L, 1L)) {
                Path out = base.resolve(dtype + "-" + shard);
                ModelConversion.toFolder(model, out, dtype, shard, Progress.NONE);
                ModelFolder written = ModelFolder.open(out);
                assertEquals(
                        dtype.torchName(),
                        written.config().text("torch_dtype", written.config().text("dtype", "")));
                assertEquals(model.config().generation(), written.config().generation());
                compare(model, written, dtype);
                checkIndex(out, dtype, shard);
            }
        }
    }

    private static void compare(ModelFolder first, ModelFolder second, DType dtype) {
        try (StoredWeights expected = first.weights();
                StoredWeights found = second.weights()) {
            assertEquals(List.copyOf(expected.names()), List.copyOf(found.names()));
            for (String name : expected.names()) {
                try (var _ = NativeScope.open()) {
                    assertEquals(dtype.name(), found.storage(name));
                    long[] shape = expected.shape(name);
                    assertArrayEquals(
                            Tensors.toFloats(expected.take(name, dtype, shape)),
                            Tensors.toFloats(found.take(name, DType.F32, shape)),
                            name);
                }
            }
        }
    }

    private static void checkIndex(Path folder, DType dtype, long shard) throws IOException {
        Path index = folder.resolve(ShardedSafetensors.INDEX);
        assertEquals(shard == ONE_FILE, Files.exists(folder.resolve("model.safetensors")));
        assertEquals(shard != ONE_FILE, Files.exists(index));
        if (shard == ONE_FILE) {
            return;
        }
        JsonNode places = JsonFiles.object(index).path("weight_map");
        Map<String, Long> sizes = new TreeMap<>();
        Map<String, Integer> counts = new TreeMap<>();
        long total = 0;
        for (Map.Entry<String, JsonNode> place : places.properties()) {
            String file = place.getValue().asText();
            try (SafetensorsFile part = SafetensorsFile.open(folder.resolve(file))) {
                assertEquals("pt", part.metadata().get("format"));
                long bytes = dtype.bytes();
                for (long size : part.shape(place.getKey())) {
                    bytes *= size;
                }
                total += bytes;
                sizes.merge(file, bytes, Long::sum);
                counts.merge(file, 1, Integer::sum);
            }
        }
        assertEquals(
                total,
                JsonFiles.object(index).path("metadata").path("total_size").asLong());
        for (Map.Entry<String, Long> each : sizes.entrySet()) {
            assertTrue(each.getValue() <= shard || counts.getOrDefault(each.getKey(), 0) == 1, each.toString());
        }
        assertEquals(
                String.format(Locale.ROOT, "model-00001-of-%05d.safetensors", sizes.size()),
                new TreeSet<>(sizes.keySet()).first());
        assertTrue(shard > 1 || sizes.size() == places.size());
    }

    @Test
    void listsOfEndsAndSettingsOfSamplingSurviveTraining() throws IOException {
        Path folder = tiny("\"eos_token_id\": [0, 5]", "{\"eos_token_id\": [0, 5], \"temperature\": 0.6}");
        ModelFolder model = ModelFolder.open(folder);
        Path saved = base.resolve("saved");
        try (var _ = NativeScope.open();
                Tokenizer tokenizer = model.tokenizer()) {
            ModelFolder.save(
                    saved, model.config(), Map.of("w", Tensors.zeros(Place.HOST, DType.F32, 2)), tokenizer, DType.F32);
        }
        ModelConfig config = ModelFolder.open(saved).config();
        assertEquals("[0,5]", config.json().path("eos_token_id").toString());
        assertEquals("[0,5]", config.generation().path("eos_token_id").toString());
        assertEquals(0.6, config.generation().path("temperature").asDouble());
    }

    @Test
    void filesBesideTheWeightsComeAlong() throws IOException {
        Path folder = tiny("\"x\": 1", "{\"top_p\": 0.9}");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<end>\", \"mine\": 7}");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
        Files.writeString(folder.resolve("pytorch_model.bin"), "pickle");
        Path out = base.resolve("out");
        ModelConversion.toFolder(ModelFolder.open(folder), out, DType.F16, ONE_FILE, Progress.NONE);
        assertEquals(
                Files.readString(folder.resolve("tokenizer_config.json")),
                Files.readString(out.resolve("tokenizer_config.json")));
        assertEquals("{{ messages }}", ModelFolder.open(out).chatTemplate().orElseThrow());
        assertEquals(
                0.9, ModelFolder.open(out).config().generation().path("top_p").asDouble());
        assertFalse(Files.exists(out.resolve("pytorch_model.bin")));
    }

    @Test
    void aGgufFileBecomesAFolderAndAFileAgain() {
        Path published = SharedFiles.find("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        Path folder = base.resolve("folder");
        ModelConversion.toFolder(ModelFolder.open(published), folder, DType.F32, ONE_FILE, Progress.NONE);
        Path again = base.resolve("again.gguf");
        ModelConversion.toGguf(ModelFolder.open(folder), again, GgufStorage.F32, Progress.NONE);
        ModelFolder first = ModelFolder.open(published);
        ModelFolder last = ModelFolder.open(again);
        assertEquals(first.chatTemplate(), last.chatTemplate());
        assertEquals(first.config().json(), last.config().json());
        String name = "model.layers.3.self_attn.k_proj.weight";
        try (var _ = NativeScope.open();
                StoredWeights expected = first.weights();
                StoredWeights found = last.weights();
                Tokenizer tokenizer = first.tokenizer();
                Tokenizer other = last.tokenizer()) {
            assertEquals(new TreeSet<>(expected.names()), new TreeSet<>(found.names()));
            long[] shape = expected.shape(name);
            assertArrayEquals(
                    Tensors.toFloats(expected.take(name, DType.F32, shape)),
                    Tensors.toFloats(found.take(name, DType.F32, shape)));
            String text = "In 2024 it cost 1,337.50 \u20ac <|im_end|>\n\tna\u00efve";
            assertEquals(tokenizer.encode(text), other.encode(text));
        }
    }

    @Test
    void stoppedOrFailedWorkLeavesNothing() throws IOException {
        ModelFolder model = ModelFolder.open(SharedFiles.find(SHARDED));
        Progress stop = (done, total) -> {
            if (done > total / 2) {
                throw new UncheckedIOException(new IOException("No space left on device"));
            }
        };
        Path out = base.resolve("out");
        UncheckedIOException failure = assertThrows(
                UncheckedIOException.class, () -> ModelConversion.toFolder(model, out, DType.F32, 50_000, stop));
        assertTrue(String.valueOf(failure.getMessage()).contains("No space left"), failure.getMessage());
        assertThrows(
                UncheckedIOException.class,
                () -> ModelConversion.toGguf(model, base.resolve("x.gguf"), GgufStorage.F16, stop));
        assertEquals(0, base.toFile().list().length);
    }

    @Test
    void idsBeyondTheVocabularyAreRefused() throws IOException {
        refusedTokens(tiny("\"vocab_size\": 5", "{}"), "id 5", "vocabulary of 5");
        refusedTokens(tiny("\"vocab_size\": 6, \"eos_token_id\": 6", "{}"), "eos_token has id 6");
        // Special tokens after the last row may be there, but not in a text.
        Path folder = tiny("\"vocab_size\": 6", "{}");
        String json = Files.readString(folder.resolve("tokenizer.json"));
        String added =
                "\"added_tokens\": [{\"id\": 6, \"content\": \"<image>\", \"single_word\": false, \"lstrip\": false,"
                        + " \"rstrip\": false, \"normalized\": false, \"special\": true},";
        Files.writeString(folder.resolve("tokenizer.json"), json.replace("\"added_tokens\": [", added));
        try (Tokenizer tokenizer = ModelFolder.open(folder).tokenizer()) {
            assertEquals(Tokens.of(3, 4), tokenizer.encode("ab"));
            TokenizerException failure = assertThrows(TokenizerException.class, () -> tokenizer.encode("a<image>"));
            assertTrue(String.valueOf(failure.getMessage()).contains("<image>"), failure.getMessage());
        }
        Files.writeString(
                folder.resolve("tokenizer.json"),
                json.replace("\"added_tokens\": [", added.replace("\"id\": 6", "\"id\": 60")));
        refusedTokens(folder, "id 6 ", "largest is 60");
    }

    private static void refusedTokens(Path folder, String... parts) {
        TokenizerException failure = assertThrows(
                TokenizerException.class, () -> ModelFolder.open(folder).tokenizer());
        for (String part : parts) {
            assertTrue(String.valueOf(failure.getMessage()).contains(part), failure.getMessage());
        }
    }

    /** A folder with the tiny tokenizer and one weight. */
    private Path tiny(String configEntry, String generation) throws IOException {
        Path folder = Files.createTempDirectory(base, "tiny");
        try (var _ = NativeScope.open();
                Tokenizer tokenizer = TinyTokenizer.open()) {
            tokenizer.save(folder);
            Safetensors.write(
                    folder.resolve("model.safetensors"),
                    Map.of("w", Tensors.zeros(Place.HOST, DType.F32, 2)),
                    DType.F32,
                    Map.of());
        }
        Files.writeString(
                folder.resolve("config.json"), "{\"architectures\": [\"LlamaForCausalLM\"], " + configEntry + "}");
        Files.writeString(folder.resolve("generation_config.json"), generation);
        return folder;
    }
}
