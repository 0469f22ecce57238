package org.reft4j.model.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.gguf.GgufFileTest;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.Durable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFileTest;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

class ModelFolderTest {
    private static final String CONFIG =
            "{\"architectures\": [\"LlamaForCausalLM\"], \"torch_dtype\": \"float16\", \"odd\": [1]}";

    @TempDir
    private Path base;

    @Test
    void savedFolderIsReadBack() throws IOException {
        Path folder = base.resolve("model");
        save(folder, 1.5f);
        ModelFolder read = ModelFolder.open(folder);
        try (var _ = NativeScope.open();
                Weights weights = read.weights();
                Tokenizer tokenizer = read.tokenizer()) {
            assertEquals("LlamaForCausalLM", read.config().architecture());
            assertEquals("bfloat16", read.config().text("torch_dtype", ""));
            assertEquals("[1]", read.config().json().path("odd").toString());
            assertEquals(TinyTokenizer.END, read.config().integer("eos_token_id"));
            assertEquals(List.of("w", "a"), List.copyOf(weights.names()));
            assertArrayEquals(new float[] {1.5f, 1.5f}, Tensors.toFloats(weights.take("w", DType.F32, 2)));
            assertEquals(TinyTokenizer.END, tokenizer.endOfText().orElseThrow());
            assertEquals(Tokens.of(3, 4, 0), tokenizer.encode("ab<end>"));
        }
        assertEquals(Set.of("model"), names(base));
        assertEquals(
                Set.of(
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json",
                        "special_tokens_map.json"),
                names(folder));
    }

    @Test
    void newFolderReplacesTheOldOne() throws IOException {
        Path folder = base.resolve("model");
        save(folder, 1);
        Files.writeString(folder.resolve("stale"), "");
        save(folder, 2);
        assertEquals(2, firstValue(folder));
        assertFalse(Files.exists(folder.resolve("stale")));
        assertEquals(Set.of("model"), names(base));
    }

    @Test
    void failedSaveLeavesTheOldFolder() throws IOException {
        Path folder = base.resolve("model");
        save(folder, 1);
        UncheckedIOException failure = assertThrows(
                UncheckedIOException.class,
                () -> Durable.replace(folder, aside -> {
                    Files.writeString(aside.resolve("config.json"), "{}");
                    throw new UncheckedIOException("deep", new IOException("No space left on device"));
                }));
        SafetensorsFileTest.says(failure, folder.toString(), "No space left on device", "what was there is unchanged");
        assertEquals(1, firstValue(folder));
        assertEquals(Set.of("model"), names(base));
    }

    /** The states that a crash can leave, one for each step of a replacement. */
    @Test
    void everyInterruptedReplacementIsBroughtToItsEnd() throws IOException {
        Path folder = base.resolve("model");
        Path part = base.resolve(".model.part");
        Path whole = base.resolve(".model.new");
        Path old = base.resolve(".model.old");

        save(folder, 1);
        Files.createDirectories(part);
        Files.writeString(part.resolve("model.safetensors"), "half");
        Durable.recover(folder);
        assertEquals(1, firstValue(folder), "cut off while writing");
        save(folder, 1);
        assertEquals(Set.of("model"), names(base), "the half-written folder is cleared away");

        save(whole, 2);
        Durable.recover(folder);
        assertEquals(2, firstValue(folder), "cut off with both whole");
        assertEquals(Set.of("model"), names(base));

        save(whole, 3);
        Files.move(folder, old);
        assertEquals(3, firstValue(folder), "cut off between the renames: opening goes on");
        assertEquals(Set.of("model"), names(base));

        save(old, 4);
        Durable.recover(folder);
        assertEquals(3, firstValue(folder), "cut off before clearing up");
        assertEquals(Set.of("model"), names(base));

        Files.move(folder, old);
        assertEquals(3, firstValue(folder), "the old one alone comes back");
        assertEquals(Set.of("model"), names(base));
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        refused("no such file or folder", base.resolve("absent"));
        Path folder = Files.createDirectories(base.resolve("m"));
        refused("neither config.json nor weights", folder);
        Files.writeString(folder.resolve("model.safetensors"), "");
        refused("no config.json; a model's folder holds", folder);
        Files.writeString(folder.resolve("config.json"), "{\"a\": ");
        refused("not valid JSON at line 1", folder);
        Files.writeString(folder.resolve("config.json"), "[]");
        refused("expected one JSON object", folder);
        Files.writeString(folder.resolve("config.json"), "{}");
        ModelFolder model = ModelFolder.open(folder);
        TokenizerException failure = assertThrows(TokenizerException.class, model::tokenizer);
        SafetensorsFileTest.says(failure, folder.toString(), "no tokenizer.json", "download it");
        Files.writeString(folder.resolve("tokenizer.model"), "");
        failure = assertThrows(TokenizerException.class, model::tokenizer);
        SafetensorsFileTest.says(failure, "but a tokenizer.model", "save_pretrained");
        assertThrows(FormatException.class, model::weights, "an empty weight file");
        SafetensorsFileTest.says(
                assertThrows(FormatException.class, () -> model.config().architecture()), "no \"architectures\"");
        refused("expected a model's folder or a .gguf file", folder.resolve("config.json"));
        Files.delete(folder.resolve("model.safetensors"));
        refused("no weights; expected model.safetensors", folder);
    }

    @Test
    void unreadableKindsOfWeightsAreRefusedByName() throws IOException {
        Path folder = Files.createDirectories(base.resolve("m"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Files.writeString(folder.resolve("pytorch_model.bin"), "");
        refused("pickle", folder);
        refused("pytorch_model.bin", folder);
        refused("Convert them to safetensors", folder);
        Files.writeString(folder.resolve("a.Q4_0.gguf"), "");
        Files.writeString(folder.resolve("b.gguf"), "");
        refused("several GGUF files (a.Q4_0.gguf, b.gguf); name the file itself", folder);
        Files.writeString(folder.resolve("model.safetensors"), "");
        Files.writeString(folder.resolve("config.json"), "{\"quantization_config\": {\"quant_method\": \"gptq\"}}");
        refused("quantised by the method \"gptq\"", folder);
    }

    @Test
    void shardsAreFoundThroughTheIndex() throws IOException {
        Path folder = Files.createDirectories(base.resolve("m"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Path index = folder.resolve("model.safetensors.index.json");
        index(index, "w", "model-1-of-2.safetensors", "v", "model-2-of-2.safetensors");
        shard(folder.resolve("model-1-of-2.safetensors"), "w");
        refusedWeights(folder, "model-2-of-2.safetensors: this shard is missing", "Download it");
        shard(folder.resolve("model-2-of-2.safetensors"), "other");
        refusedWeights(folder, "tensor v is missing although", "Download this shard");
        shard(folder.resolve("model-2-of-2.safetensors"), "v");
        try (var _ = NativeScope.open();
                Weights weights = ModelFolder.open(folder).weights()) {
            assertEquals(Set.of("w", "v"), weights.names());
            assertEquals(2, weights.take("v", DType.F32, 2).numel());
            assertEquals(Set.of("w"), weights.untaken());
            SafetensorsFileTest.says(
                    assertThrows(
                            FormatException.class,
                            () -> weights.take("u", DType.F32, 2).close()),
                    index.toString(),
                    "no tensor u");
        }
        index(index, "w", "../secret.safetensors", "v", "model-2-of-2.safetensors");
        refusedWeights(folder, "weight_map.w is \"../secret.safetensors\"", "plain name");
        Files.writeString(index, "{\"weight_map\": {}}");
        refusedWeights(folder, "\"weight_map\"");
    }

    @Test
    void ggufBesideItsConfigurationOrAloneIsAModel() throws IOException {
        Path model = SharedFiles.find("models/smollm2-135m-instruct");
        ModelFolder folder = ModelFolder.open(model);
        assertTrue(folder.config().source().endsWith("config.json"));
        try (Weights weights = folder.weights();
                Tokenizer tokenizer = folder.tokenizer()) {
            assertTrue(weights.has("model.embed_tokens.weight"));
            assertEquals(2, tokenizer.endOfText().orElseThrow());
        }
        ModelFolder alone = ModelFolder.open(model.resolve("SmolLM2-135M-Instruct.Q4_1.gguf"));
        assertEquals(576, alone.config().integer("hidden_size"));
        try (Weights weights = alone.weights();
                Tokenizer tokenizer = alone.tokenizer()) {
            assertFalse(weights.has("lm_head.weight"));
            assertEquals("Hello world", tokenizer.decode(tokenizer.encode("Hello world")));
            tokenizer.save(base.resolve("saved"));
        }
        try (Tokenizer saved = HuggingFaceTokenizer.open(base.resolve("saved"))) {
            assertEquals(2, saved.endOfText().orElseThrow());
            assertEquals(Tokens.of(1, 4093), saved.encode("<|im_start|>user"));
            assertTrue(Files.exists(base.resolve("saved/chat_template.jinja")));
        }
    }

    @Test
    void folderWithAGgufFileAloneIsAModel() throws IOException {
        GgufFileTest.llama().write(base);
        ModelFolder folder = ModelFolder.open(base);
        assertEquals(8, folder.config().integer("hidden_size"));
        assertEquals(4, folder.config().integer("head_dim"));
        assertTrue(folder.config().flag("tie_word_embeddings", false));
        SafetensorsFileTest.says(
                assertThrows(FormatException.class, folder::tokenizer), "tokenizer.ggml.model is missing");
    }

    @Test
    void everyGoldenModelOpens() throws IOException {
        int models = 0;
        for (Path folder : SharedFiles.folders("golden/models")) {
            ModelFolder model = ModelFolder.open(folder);
            try (Weights weights = model.weights()) {
                assertFalse(weights.names().isEmpty(), folder.toString());
                models++;
            }
        }
        System.out.println(models + " model folders open");
    }

    private static void save(Path folder, float value) {
        ModelConfig config = new ModelConfig(TinyTokenizer.json(CONFIG), "test");
        try (var _ = NativeScope.open();
                Tokenizer tokenizer = TinyTokenizer.open()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            weights.put("w", Tensors.floats(Place.HOST, new float[] {value, value}, 2));
            weights.put("a", Tensors.floats(Place.HOST, new float[] {0}, 1, 1));
            ModelFolder.save(folder, config, weights, tokenizer, DType.BF16);
        }
    }

    private static float firstValue(Path folder) {
        try (var _ = NativeScope.open();
                Weights weights = ModelFolder.open(folder).weights()) {
            return Tensors.toFloats(weights.take("w", DType.F32, 2))[0];
        }
    }

    private static void shard(Path file, String name) {
        try (var _ = NativeScope.open()) {
            Safetensors.write(file, Map.of(name, Tensors.zeros(Place.HOST, DType.F32, 2)), DType.F32, Map.of());
        }
    }

    private static void index(Path file, String... namesAndShards) throws IOException {
        var json = JsonFiles.object();
        var map = json.putObject("weight_map");
        for (int i = 0; i < namesAndShards.length; i += 2) {
            map.put(namesAndShards[i], namesAndShards[i + 1]);
        }
        Files.writeString(file, json.toString());
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Set.copyOf(files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static void refused(String message, Path path) {
        FormatException failure = assertThrows(FormatException.class, () -> ModelFolder.open(path));
        SafetensorsFileTest.says(failure, path.toString(), message);
    }

    private static void refusedWeights(Path folder, String... parts) {
        ModelFolder model = ModelFolder.open(folder);
        FormatException failure = assertThrows(FormatException.class, model::weights);
        SafetensorsFileTest.says(failure, folder.toString());
        SafetensorsFileTest.says(failure, parts);
    }
}
