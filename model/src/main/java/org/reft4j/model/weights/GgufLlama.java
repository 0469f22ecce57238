package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How GGUF files of the architecture {@code llama} name, order and describe what Hugging Face checkpoints hold. */
final class GgufLlama {
    static final String ARCHITECTURE = "llama";

    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d+)\\.(\\w+)\\.(weight|bias)");

    private static final Map<String, String> WHOLE = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");

    private static final Map<String, String> IN_BLOCK = Map.of(
            "attn_norm", "input_layernorm",
            "attn_q", "self_attn.q_proj",
            "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj",
            "attn_output", "self_attn.o_proj",
            "ffn_norm", "post_attention_layernorm",
            "ffn_gate", "mlp.gate_proj",
            "ffn_up", "mlp.up_proj",
            "ffn_down", "mlp.down_proj");

    private final GgufMetadata metadata;
    private final Set<String> tensors;

    /** @param tensors by the file's own names */
    GgufLlama(GgufMetadata metadata, Set<String> tensors) {
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** The Hugging Face name of a tensor; one that is not known keeps its name. */
    static String checkpointName(String name) {
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            String part = IN_BLOCK.get(block.group(2));
            return part == null ? name : "model.layers." + block.group(1) + "." + part + "." + block.group(3);
        }
        return WHOLE.getOrDefault(name, name);
    }

    /**
     * The number of heads whose rows are interleaved in the file (the two halves of each rotated pair side by side) where the
     * checkpoint has the first halves of a head first; 0 for all other tensors.
     */
    int interleavedHeads(String name) {
        Matcher block = BLOCK.matcher(name);
        if (!block.matches()) {
            return 0;
        }
        return switch (block.group(2)) {
            case "attn_q" -> heads();
            case "attn_k" -> keyHeads();
            default -> 0;
        };
    }

    /** {@code config.json} as transformers derives it from the same metadata. */
    ModelConfig config(Optional<float[]> ropeFactors) {
        refuseExperts();
        ObjectNode json = JsonFiles.object();
        metadata.text("general.name").ifPresent(name -> json.put("_model_name_or_path", name));
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("model_type", "llama");
        json.put("attention_bias", tensors.contains("blk.0.attn_q.bias"));
        json.put("attention_dropout", 0.0);
        json.put("dtype", "float32");
        json.put("head_dim", headWidth());
        json.put("hidden_act", "silu");
        json.put("hidden_size", required("embedding_length"));
        json.put("initializer_range", 0.02);
        json.put("intermediate_size", required("feed_forward_length"));
        json.put("max_position_embeddings", required("context_length"));
        json.put("mlp_bias", tensors.contains("blk.0.ffn_up.bias"));
        json.put("num_attention_heads", heads());
        json.put("num_hidden_layers", required("block_count"));
        json.put("num_key_value_heads", keyHeads());
        json.put("pretraining_tp", 1);
        json.put(
                "rms_norm_eps",
                metadata.number(key("attention.layer_norm_rms_epsilon")).orElse(1e-6));
        json.set("rope_parameters", new GgufRope(metadata, ARCHITECTURE, headWidth()).parameters(ropeFactors));
        json.put("tie_word_embeddings", !tensors.contains("output.weight"));
        json.put("use_cache", true);
        json.put("vocab_size", vocabularySize());
        token(json, "bos_token_id", "bos");
        token(json, "eos_token_id", "eos");
        token(json, "pad_token_id", "padding");
        token(json, "unk_token_id", "unknown");
        return new ModelConfig(json, metadata.source());
    }

    private void refuseExperts() {
        if (metadata.whole(key("expert_count")).orElse(0) > 0) {
            throw new FormatException(
                    metadata.source() + ": a mixture of experts (llama.expert_count is above 0), which is not"
                            + " supported; use a dense model");
        }
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
        int width;
        if (metadata.whole(key("attention.key_length")).isPresent()) {
            width = required("attention.key_length");
        } else {
            width = required("embedding_length") / heads();
        }
        long rotated = metadata.whole(key("rope.dimension_count")).orElse(width);
        if (rotated != width) {
            throw new FormatException(metadata.source() + ": metadata llama.rope.dimension_count is " + rotated
                    + " for heads of width " + width + "; heads rotated in part are not supported");
        }
        return width;
    }

    private int vocabularySize() {
        if (metadata.whole(key("vocab_size")).isPresent()) {
            return required("vocab_size");
        }
        return metadata.texts("tokenizer.ggml.tokens")
                .orElseThrow(() ->
                        new FormatException(metadata.source() + ": neither llama.vocab_size nor tokenizer.ggml.tokens"
                                + " is in the metadata. Convert the model to GGUF again"))
                .size();
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

    private static String key(String name) {
        return ARCHITECTURE + "." + name;
    }
}
