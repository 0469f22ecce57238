package org.reft4j.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.reft4j.ground.files.Json;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/** A small model of each family with random weights: 50 tokens, context 64, windows shorter than a prompt. */
record DeviceFamilies(String architecture, Consumer<ObjectNode> settings) {
    static final int VOCABULARY = 50;

    static final List<DeviceFamilies> ALL = List.of(
            gated(
                    "LlamaForCausalLM",
                    json -> json.put("tie_word_embeddings", false)
                            .put("attention_bias", true)
                            .put("num_key_value_heads", 1)),
            gated(
                    "MistralForCausalLM",
                    json -> json.put("num_key_value_heads", 2).put("sliding_window", 3)),
            gated(
                    "Qwen2ForCausalLM",
                    json -> json.put("num_key_value_heads", 4)
                            .put("use_sliding_window", true)
                            .put("sliding_window", 4)
                            .put("max_window_layers", 1)
                            .put("tie_word_embeddings", true)),
            gated("Qwen3ForCausalLM", json -> json.put("num_key_value_heads", 2).put("head_dim", 12)),
            gated(
                    "Gemma3ForCausalLM",
                    json -> json.put("num_key_value_heads", 2)
                            .put("head_dim", 10)
                            .put("query_pre_attn_scalar", 7)
                            .put("sliding_window", 3)
                            .put("sliding_window_pattern", 2)),
            new DeviceFamilies(
                    "OPTForCausalLM",
                    json -> json.put("hidden_size", 32)
                            .put("ffn_dim", 24)
                            .put("num_hidden_layers", 2)
                            .put("num_attention_heads", 4)
                            .put("max_position_embeddings", 64)),
            new DeviceFamilies("GPT2LMHeadModel", json -> gpt(json).put("n_inner", 40)),
            new DeviceFamilies("CodeGenForCausalLM", json -> gpt(json).put("rotary_dim", 4)));

    private static DeviceFamilies gated(String architecture, Consumer<ObjectNode> more) {
        return new DeviceFamilies(
                architecture,
                json -> more.accept(json.put("hidden_size", 32)
                        .put("intermediate_size", 24)
                        .put("num_hidden_layers", 2)
                        .put("num_attention_heads", 4)
                        .put("max_position_embeddings", 64)));
    }

    private static ObjectNode gpt(ObjectNode json) {
        return json.put("n_embd", 32).put("n_layer", 2).put("n_head", 4).put("n_positions", 64);
    }

    Decoder create(Place place) {
        ObjectNode json = Json.PLAIN.createObjectNode().put("vocab_size", VOCABULARY);
        json.putArray("architectures").add(architecture);
        settings.accept(json);
        ModelConfig config = new ModelConfig(json, "config.json");
        boolean tied = ModelFamilies.of(config).sizes(config).tied();
        return ModelFamilies.of(config).build(config, new RandomWeights(7, 0.3, tied), DType.F32, place);
    }

    @Override
    public String toString() {
        return architecture;
    }
}
