package org.reft4j.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.ground.files.Json;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;

/** A model of the sizes of CodeLlama-7B with random bfloat16 weights, as a Hugging Face folder of one shard a layer: 13.5 GB. */
final class LargeModel {
    private static final int VOCABULARY = 32016;
    private static final int WIDTH = 4096;
    private static final int INNER = 11008;
    private static final int LAYERS = 32;
    private static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final ObjectNode places = Json.PLAIN.createObjectNode();
    private final RandomWeights weights = new RandomWeights(1, RandomWeights.USUAL_DEVIATION, false);

    private LargeModel(Path folder) {
        this.folder = folder;
    }

    /** Writes it, unless it is there already. */
    static void write(Path folder) throws IOException {
        if (Files.exists(folder.resolve(INDEX))) {
            return;
        }
        Files.createDirectories(folder);
        new LargeModel(folder).write();
    }

    private void write() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            tokenizer.save(folder);
            fillVocabulary();
            ObjectNode config = Json.PLAIN.createObjectNode();
            config.putArray("architectures").add("LlamaForCausalLM");
            config.put("model_type", "llama")
                    .put("vocab_size", VOCABULARY)
                    .put("hidden_size", WIDTH)
                    .put("intermediate_size", INNER)
                    .put("num_hidden_layers", LAYERS)
                    .put("num_attention_heads", 32)
                    .put("num_key_value_heads", 32)
                    .put("max_position_embeddings", 16384)
                    .put("rms_norm_eps", 1e-5)
                    .put("rope_theta", 1e6)
                    .put("tie_word_embeddings", false)
                    .put("torch_dtype", "bfloat16");
            tokenizer.endOfText().ifPresent(id -> config.put("eos_token_id", id));
            Json.PLAIN.writeValue(folder.resolve("config.json").toFile(), config);
        }
        for (int i = 0; i < LAYERS; i++) {
            String at = "model.layers." + i + ".";
            Map<String, long[]> shapes = new LinkedHashMap<>();
            for (String name : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
                shapes.put(at + "self_attn." + name + ".weight", new long[] {WIDTH, WIDTH});
            }
            shapes.put(at + "mlp.gate_proj.weight", new long[] {INNER, WIDTH});
            shapes.put(at + "mlp.up_proj.weight", new long[] {INNER, WIDTH});
            shapes.put(at + "mlp.down_proj.weight", new long[] {WIDTH, INNER});
            shapes.put(at + "input_layernorm.weight", new long[] {WIDTH});
            shapes.put(at + "post_attention_layernorm.weight", new long[] {WIDTH});
            shard(String.format(Locale.ROOT, "layer-%02d.safetensors", i), shapes);
        }
        Map<String, long[]> ends = new LinkedHashMap<>();
        ends.put("model.embed_tokens.weight", new long[] {VOCABULARY, WIDTH});
        ends.put("model.norm.weight", new long[] {WIDTH});
        ends.put("lm_head.weight", new long[] {VOCABULARY, WIDTH});
        shard("ends.safetensors", ends);
        ObjectNode index = Json.PLAIN.createObjectNode();
        index.set("weight_map", places);
        // Last: a folder that has it is whole.
        Json.PLAIN.writeValue(folder.resolve(INDEX).toFile(), index);
    }

    private void shard(String file, Map<String, long[]> shapes) {
        try (var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> {
                tensors.put(name, weights.take(name, DType.BF16, shape));
                places.put(name, file);
            });
            Safetensors.write(folder.resolve(file), tensors, DType.BF16, Map.of("format", "pt"));
        }
    }

    /** Random weights sample any id, so each needs a token. */
    private void fillVocabulary() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) Json.PLAIN.readTree(file.toFile());
        ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
        boolean[] taken = new boolean[VOCABULARY];
        vocabulary.forEach(id -> taken[id.asInt()] = true);
        tokenizer.path("added_tokens").forEach(token -> taken[token.path("id").asInt()] = true);
        for (int id = 0; id < VOCABULARY; id++) {
            if (!taken[id]) {
                vocabulary.put("unused" + id, id);
            }
        }
        Json.PLAIN.writeValue(file.toFile(), tokenizer);
    }
}
