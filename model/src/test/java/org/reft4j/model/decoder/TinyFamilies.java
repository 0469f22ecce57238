package org.reft4j.model.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * A small model with random weights of each family, at corners that the golden models leave out: 50 tokens, context 64, two or three
 * layers, and windows shorter than a prompt.
 */
record TinyFamilies(String name, Consumer<ObjectNode> settings) {
    static final int VOCABULARY = 50;
    static final int WIDTH = 32;
    private static final ObjectMapper JSON = new ObjectMapper();

    static final TinyFamilies LLAMA = new TinyFamilies("llama, biases, wide heads, yarn", json -> {
        llamaKeys(json, "LlamaForCausalLM", 2)
                .put("num_key_value_heads", 1)
                .put("head_dim", 12)
                .put("attention_bias", true)
                .put("mlp_bias", true)
                .put("tie_word_embeddings", false);
        json.putObject("rope_scaling").put("type", "yarn").put("factor", 4).put("original_max_position_embeddings", 16);
    });
    static final TinyFamilies MISTRAL = new TinyFamilies("mistral, window 3", json -> {
        llamaKeys(json, "MistralForCausalLM", 2)
                .put("num_key_value_heads", 2)
                .put("head_dim", 10)
                .put("sliding_window", 3);
        json.putObject("rope_parameters")
                .put("rope_type", "linear")
                .put("factor", 2)
                .put("rope_theta", 1000);
    });
    static final TinyFamilies QWEN2 = new TinyFamilies(
            "qwen2, window 4 from layer 1 on",
            json -> llamaKeys(json, "Qwen2ForCausalLM", 3)
                    .put("num_key_value_heads", 4)
                    .put("use_sliding_window", true)
                    .put("sliding_window", 4)
                    .put("max_window_layers", 1)
                    .put("tie_word_embeddings", true));
    static final TinyFamilies QWEN3 = new TinyFamilies(
            "qwen3, biases",
            json -> llamaKeys(json, "Qwen3ForCausalLM", 2)
                    .put("num_key_value_heads", 2)
                    .put("head_dim", 12)
                    .put("attention_bias", true));
    static final TinyFamilies GEMMA3 = new TinyFamilies("gemma3, older spelling", json -> {
        llamaKeys(json, "Gemma3ForCausalLM", 3)
                .put("num_key_value_heads", 2)
                .put("head_dim", 10)
                .put("query_pre_attn_scalar", 7)
                .put("sliding_window", 3)
                .put("sliding_window_pattern", 2)
                .put("rope_theta", 50_000)
                .put("rope_local_base_freq", 500);
        json.putObject("rope_scaling").put("rope_type", "linear").put("factor", 8);
    });
    static final TinyFamilies OPT =
            new TinyFamilies("opt, untied", json -> optKeys(json).put("tie_word_embeddings", false));
    static final TinyFamilies OPT_POST_NORM = new TinyFamilies(
            "opt, norms behind and without weights",
            json -> optKeys(json)
                    .put("do_layer_norm_before", false)
                    .put("layer_norm_elementwise_affine", false)
                    .put("enable_bias", false)
                    .put("activation_function", "gelu"));
    static final TinyFamilies GPT2 = new TinyFamilies(
            "gpt2, scores by layer",
            json -> gptKeys(json, "GPT2LMHeadModel")
                    .put("scale_attn_by_inverse_layer_idx", true)
                    .put("n_inner", 40));
    static final TinyFamilies CODEGEN = new TinyFamilies(
            "codegen, tied",
            json -> gptKeys(json, "CodeGenForCausalLM").put("rotary_dim", 4).put("tie_word_embeddings", true));

    static final List<TinyFamilies> ALL =
            List.of(LLAMA, MISTRAL, QWEN2, QWEN3, GEMMA3, OPT, OPT_POST_NORM, GPT2, CODEGEN);

    private static ObjectNode llamaKeys(ObjectNode json, String architecture, int layers) {
        json.putArray("architectures").add(architecture);
        return json.put("hidden_size", WIDTH)
                .put("intermediate_size", 24)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", 4)
                .put("max_position_embeddings", 64);
    }

    private static ObjectNode optKeys(ObjectNode json) {
        json.putArray("architectures").add("OPTForCausalLM");
        return json.put("hidden_size", WIDTH)
                .put("ffn_dim", 24)
                .put("num_hidden_layers", 2)
                .put("num_attention_heads", 4)
                .put("max_position_embeddings", 64);
    }

    private static ObjectNode gptKeys(ObjectNode json, String architecture) {
        json.putArray("architectures").add(architecture);
        return json.put("n_embd", WIDTH).put("n_layer", 2).put("n_head", 4).put("n_positions", 64);
    }

    ModelConfig config(Consumer<ObjectNode> change) {
        ObjectNode json = JSON.createObjectNode().put("vocab_size", VOCABULARY);
        settings.accept(json);
        change.accept(json);
        return new ModelConfig(json, "config.json");
    }

    Decoder create(Consumer<ObjectNode> change) {
        ModelConfig config = config(change);
        boolean tied = ModelFamilies.of(config).sizes(config).tied();
        return ModelFamilies.of(config).build(config, new RandomWeights(7, 0.3, tied), DType.F32, Place.HOST);
    }

    Decoder create() {
        return create(_ -> {});
    }

    static Stream<TinyFamilies> all() {
        return ALL.stream();
    }

    @Override
    public String toString() {
        return name;
    }
}
