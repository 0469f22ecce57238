package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapter;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.weights.AdapterConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

/** {@code reft convert} and {@code reft inspect} on a tiny model. */
final class ModelCommandsTest {
    /** Embedding of V x 16, one layer: q 16x16, k and v 8x16, o 16x16, three of 16x32, two norms; the last norm. */
    private static final long WITHOUT_EMBEDDING = 16 * 16 + 2 * 8 * 16 + 16 * 16 + 3 * 16 * 32 + 2 * 16 + 16;

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private long parameters;

    @BeforeEach
    void makeModel() throws IOException {
        model = folder.resolve("model");
        Torch.start();
        ModelSource source = new ModelSource(null, new ModelSource.NewModel(1, 16, 2, 1, 32, 256, 0.02), "f32", "cpu");
        ModelSources.Source made = ModelSources.open(source, 1);
        try (var tokenizer = made.tokenizer();
                Decoder decoder = ModelFamilies.of(made.config())
                        .build(made.config(), new RandomWeights(1, 0.02, true), DType.F32, Place.HOST)) {
            parameters = (long) tokenizer.vocabularySize() * 16 + WITHOUT_EMBEDDING;
            Map<String, Tensor> values = new LinkedHashMap<>();
            decoder.parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
            ModelFolder.save(model, made.config(), values, tokenizer, DType.F32);
        }
        // GGUF has no word for the embedded tokenizer's way with digits, but one for this.
        Path rules = model.resolve("tokenizer.json");
        String changed = Files.readString(rules)
                .replaceAll("\"individual_digits\"\\s*:\\s*false", "\"individual_digits\": true");
        assertNotEquals(Files.readString(rules), changed);
        Files.writeString(rules, changed);
    }

    @Test
    void inspectSaysWhatTheModelIsAndNeeds() throws IOException {
        JsonNode facts = Cli.run("inspect", model, "--row-tokens", "100", "--json")
                .done()
                .json();
        assertEquals("LlamaForCausalLM", facts.path("architecture").asText());
        assertEquals(parameters, facts.path("parameters").asLong());
        assertEquals(4 * parameters, facts.path("bytes-by-type").path("F32").asLong());
        assertEquals(256, facts.path("context").asInt());
        assertTrue(facts.path("special-tokens").path("end-of-text").asText().endsWith(" (1)"));
        assertFalse(facts.path("chat-template").asBoolean());
        JsonNode memory = facts.path("memory");
        // Keys and values of one layer, one head of width 8, 100 tokens, 4 bytes.
        assertEquals(2 * 8 * 100 * 4, memory.path("infer-row-bytes").asLong());
        assertTrue(memory.path("train-bytes").asLong() >= 16 * parameters);
        assertTrue(
                memory.path("infer-rows").asLong() > memory.path("train-rows").asLong());
        // Adapters of rank 16 for q, k, v, o and the three matrices of the feed-forward.
        assertEquals(
                16 * (2 * (16 + 16) + 2 * (16 + 8) + 3 * (16 + 32)),
                memory.path("lora-parameters").asLong());
        assertTrue(
                memory.path("lora-bytes").asLong() < memory.path("train-bytes").asLong());
        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages }}");
        Files.delete(model.resolve("tokenizer.json"));
        Cli without = Cli.run("inspect", model).done();
        assertTrue(without.out().contains("none that can be used"), without.out());
    }

    @Test
    void aModelGoesToGgufAndBackAndAnswersTheSame() throws IOException {
        Path gguf = folder.resolve("model.gguf");
        Path back = folder.resolve("back");
        Cli.run("convert", model, gguf).done();
        Cli.run("convert", gguf, back, "--dtype", "f32").done();
        JsonNode facts = Cli.run("inspect", gguf, "--json").done().json();
        assertEquals(parameters, facts.path("parameters").asLong());
        String expected = continued(model);
        assertEquals(expected, continued(gguf));
        assertEquals(expected, continued(back));
        Path half = folder.resolve("half");
        Cli.run("convert", model, half, "--dtype", "bf16").done();
        JsonNode types = Cli.run("inspect", half, "--json").done().json().path("bytes-by-type");
        assertEquals(2 * parameters, types.path("BF16").asLong(), types.toString());
    }

    @Test
    void anAdapterIsMergedOnRequestAndAnswersTheSame() throws IOException {
        Path adapter = Files.createDirectory(folder.resolve("adapter"));
        try (AdaptedDecoder decoder = Adapters.fresh(
                        StoredModel.open(model).buildBase(DType.F32, Place.HOST),
                        AdapterConfig.fresh(model.toString(), 2, 4, false, "all-linear", "", "the test"),
                        layer -> layer);
                var _ = NativeScope.open()) {
            Adapter worn = decoder.adapter().orElseThrow();
            worn.parameters().forEach(parameter -> parameter.value().add_(new Scalar(0.3)));
            Adapters.write(adapter, worn);
        }
        String expected = continued(adapter);
        assertNotEquals(continued(model), expected, "the adapter changes the answer");
        refused("With --merge it is added", adapter, folder.resolve("whole"));
        refused("a whole model already", model, folder.resolve("whole"), "--merge");
        Path gguf = folder.resolve("whole.gguf");
        Cli.run("convert", adapter, folder.resolve("whole"), "--merge").done();
        Cli.run("convert", adapter, gguf, "--merge").done();
        assertEquals(expected, continued(folder.resolve("whole")));
        assertEquals(expected, continued(gguf));
        JsonNode facts = Cli.run("inspect", adapter, "--json").done().json();
        assertEquals(2, facts.path("adapter").path("rank").asInt());
        assertEquals(parameters, facts.path("parameters").asLong());
    }

    private static String continued(Path model) throws IOException {
        return Cli.run(
                        "generate",
                        "--model",
                        model,
                        "--prompt",
                        "Tom has 3 apples",
                        "--temperature",
                        "0",
                        "--max-tokens",
                        "12",
                        "--compute",
                        "f32",
                        "--json")
                .done()
                .json()
                .path("completions")
                .path(0)
                .path("ids")
                .toString();
    }

    @Test
    void nothingIsOverwrittenAndWrongWishesAreNamed() throws IOException {
        refused("does not exist yet", model, model);
        refused("--dtype is q8_0; expected f32, f16, bf16", model, folder.resolve("x"), "--dtype", "q8_0");
        refused("ends with .gguf", model, folder.resolve("x"), "--to", "gguf");
        refused("without .gguf", model, folder.resolve("x.gguf"), "--to", "hf");
        refused("--to is onnx", model, folder.resolve("x"), "--to", "onnx");
        refused("no such file or folder", folder.resolve("absent"), folder.resolve("x"));
        assertFalse(Files.exists(folder.resolve("x")));
    }

    private static void refused(String part, Object... arguments) {
        Object[] words = new Object[arguments.length + 1];
        words[0] = "convert";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        Cli refused = Cli.run(words);
        assertEquals(2, refused.status(), refused.err());
        assertTrue(refused.err().contains(part), refused.err());
    }
}
