package org.reft4j.model.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.JsonFiles;
import org.reft4j.model.weights.ModelConfig;

/** The {@code config.json} that transformers derives from the metadata of a GGUF file. */
final class GgufConfig {
    private static final int GEMMA3_PATTERN = 6;
    /** Layers of Gemma 3 27B, the only size that scales queries by another width than the heads'. */
    static final int GEMMA3_LARGEST = 62;

    private final GgufArchitecture architecture;
    private final GgufMetadata metadata;
    private final Set<String> tensors;

    /** @param tensors by the file's own names */
    GgufConfig(GgufArchitecture architecture, GgufMetadata metadata, Set<String> tensors) {
        this.architecture = architecture;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** @param ropeFactors the values of {@code rope_freqs.weight}, where the file has them */
    ModelConfig config(Optional<float[]> ropeFactors) {
        refuseExperts();
        ObjectNode json = JsonFiles.object();
        metadata.text("general.name").ifPresent(name -> json.put("_model_name_or_path", name));
        json.putArray("architectures").add(architecture.checkpoint());
        json.put("model_type", architecture.modelType());
        json.put("attention_dropout", 0.0);
        json.put("dtype", "float32");
        json.put("hidden_size", required("embedding_length"));
        json.put("initializer_range", 0.02);
        json.put("intermediate_size", required("feed_forward_length"));
        json.put("max_position_embeddings", required("context_length"));
        json.put("num_attention_heads", heads());
        json.put("num_hidden_layers", required("block_count"));
        json.put("num_key_value_heads", keyHeads());
        json.put(
                "rms_norm_eps",
                metadata.number(key("attention.layer_norm_rms_epsilon")).orElse(1e-6));
        json.put("tie_word_embeddings", !tensors.contains("output.weight"));
        json.put("use_cache", true);
        json.put("vocab_size", vocabularySize());
        token(json, "bos_token_id", "bos");
        ends(json);
        token(json, "pad_token_id", "padding");
        token(json, "unk_token_id", "unknown");
        ObjectNode rope = new GgufRope(metadata, architecture.fileName(), headWidth()).parameters(ropeFactors);
        switch (architecture) {
            case LLAMA -> llama(json, rope);
            case QWEN2 -> qwen2(json, rope);
            case QWEN3 -> qwen3(json, rope);
            case GEMMA3 -> gemma3(json, rope);
        }
        return new ModelConfig(json, metadata.source());
    }

    private void llama(ObjectNode json, ObjectNode rope) {
        json.put("attention_bias", tensors.contains("blk.0.attn_q.bias"));
        json.put("head_dim", headWidth());
        json.put("hidden_act", "silu");
        json.put("mlp_bias", tensors.contains("blk.0.ffn_up.bias"));
        json.put("pretraining_tp", 1);
        json.set("rope_parameters", rope);
    }

    private void qwen2(ObjectNode json, ObjectNode rope) {
        if (headWidth() * heads() != required("embedding_length")) {
            throw new FormatException(metadata.source() + ": metadata " + key("attention.key_length") + " is "
                    + headWidth() + "; expected embedding_length / head_count, as in every Qwen 2 model");
        }
        json.put("hidden_act", "silu");
        json.putNull("sliding_window").put("use_sliding_window", false);
        json.set("rope_parameters", rope);
    }

    private void qwen3(ObjectNode json, ObjectNode rope) {
        json.put("attention_bias", tensors.contains("blk.0.attn_q.bias"));
        json.put("head_dim", headWidth());
        json.put("hidden_act", "silu");
        json.putNull("sliding_window").put("use_sliding_window", false);
        json.set("rope_parameters", rope);
    }

    private void gemma3(ObjectNode json, ObjectNode rope) {
        json.put("attention_bias", false);
        json.putNull("attn_logit_softcapping");
        softCap(json);
        json.put("head_dim", headWidth());
        json.put("hidden_activation", "gelu_pytorch_tanh");
        int layers = required("block_count");
        if (layers > GgufKeys.LARGEST) {
            throw new FormatException(metadata.source() + ": metadata " + key("block_count") + " is " + layers
                    + "; expected at most " + GgufKeys.LARGEST + ". Download or convert the file again");
        }
        // Not in the metadata: llama.cpp, too, tells the sizes apart by their layers.
        json.put(
                "query_pre_attn_scalar",
                layers == GEMMA3_LARGEST ? required("embedding_length") / heads() : headWidth());
        ArrayNode types = json.putArray("layer_types");
        List<Boolean> sliding = slidingLayers(layers);
        for (int i = 0; i < layers; i++) {
            types.add(sliding.get(i) ? "sliding_attention" : "full_attention");
        }
        json.put("sliding_window", required("attention.sliding_window"));
        json.put("use_bidirectional_attention", false);
        ObjectNode ropes = json.putObject("rope_parameters");
        ropes.set("full_attention", rope);
        ropes.putObject("sliding_attention")
                .put("rope_theta", metadata.number(key("rope.freq_base_swa")).orElse(10000.0))
                .put("rope_type", "default");
    }

    private void softCap(ObjectNode json) {
        double cap = metadata.number(key("final_logit_softcapping")).orElse(0);
        if (cap > 0) {
            json.put("final_logit_softcapping", cap);
        } else {
            json.putNull("final_logit_softcapping");
        }
    }

    /** Layers with sliding-window attention: by a list, or all but every n-th. */
    private List<Boolean> slidingLayers(int layers) {
        String pattern = key("attention.sliding_window_pattern");
        List<Boolean> listed = metadata.flagsOrNothing(pattern);
        if (!listed.isEmpty()) {
            if (listed.size() != layers) {
                throw new FormatException(metadata.source() + ": metadata " + pattern + " has " + listed.size()
                        + " entries for " + layers + " layers. Convert the model to GGUF again");
            }
            return listed;
        }
        long every = metadata.whole(pattern).orElse(GEMMA3_PATTERN);
        if (every < 1) {
            throw new FormatException(metadata.source() + ": metadata " + pattern + " is " + every
                    + "; expected at least 1. Convert the model to GGUF again");
        }
        return java.util.stream.IntStream.range(0, layers)
                .mapToObj(layer -> (layer + 1) % every != 0)
                .toList();
    }

    private void refuseExperts() {
        if (metadata.whole(key("expert_count")).orElse(0) > 0) {
            throw new FormatException(metadata.source() + ": a mixture of experts (" + key("expert_count")
                    + " is above 0), which is not" + " supported; use a dense model");
        }
    }

    /**
     * The number of heads whose rows are interleaved in the file where the checkpoint has the first halves of a head first; 0 for all
     * other tensors.
     */
    int interleavedHeads(String tensor) {
        if (!architecture.interleaves() || !tensor.startsWith("blk.")) {
            return 0;
        }
        return tensor.contains(".attn_q.") ? heads() : tensor.contains(".attn_k.") ? keyHeads() : 0;
    }

    private int heads() {
        return required("attention.head_count");
    }

    private int keyHeads() {
        return metadata.whole(key("attention.head_count_kv")).isPresent()
                ? required("attention.head_count_kv")
                : heads();
    }

    private int headWidth() {
        int width = metadata.whole(key("attention.key_length")).isPresent()
                ? required("attention.key_length")
                : required("embedding_length") / heads();
        same("attention.value_length", width, "keys and values of different widths are not supported");
        same("rope.dimension_count", width, "heads rotated in part are not supported");
        return width;
    }

    private void same(String name, int width, @Nullable String remark) {
        long found = metadata.whole(key(name)).orElse(width);
        if (found != width) {
            throw new FormatException(metadata.source() + ": metadata " + key(name) + " is " + found
                    + " for heads of width " + width + "; " + remark);
        }
    }

    private int vocabularySize() {
        if (metadata.whole(key("vocab_size")).isPresent()) {
            return required("vocab_size");
        }
        return metadata.texts("tokenizer.ggml.tokens")
                .orElseThrow(() -> new FormatException(metadata.source() + ": neither " + key("vocab_size")
                        + " nor tokenizer.ggml.tokens" + " is in the metadata. Convert the model to GGUF again"))
                .size();
    }

    /** One id, or a list where a turn or a message ends with another token than a text. */
    private void ends(ObjectNode json) {
        Set<Long> ids = new LinkedHashSet<>();
        for (String name : List.of("eos", "eot", "eom")) {
            metadata.whole("tokenizer.ggml." + name + "_token_id").ifPresent(ids::add);
        }
        if (ids.size() > 1) {
            ids.forEach(json.putArray("eos_token_id")::add);
        } else {
            ids.forEach(id -> json.put("eos_token_id", id));
        }
    }

    private void token(ObjectNode json, String key, String name) {
        metadata.whole("tokenizer.ggml." + name + "_token_id").ifPresent(id -> json.put(key, id));
    }

    private int required(String name) {
        int value = metadata.requireInt(key(name));
        if (value < 1) {
            throw new FormatException(
                    metadata.source() + ": metadata " + key(name) + " is " + value + "; expected at least 1");
        }
        return value;
    }

    private String key(String name) {
        return architecture.fileName() + "." + name;
    }
}
