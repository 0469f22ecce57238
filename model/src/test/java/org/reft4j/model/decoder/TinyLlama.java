package org.reft4j.model.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/** A small Llama with random weights, for tests that need a decoder but no particular one. */
public final class TinyLlama {
    private TinyLlama() {}

    /** Two layers, width 32, two key/value heads for four heads, 50 tokens, context 64. */
    public static ModelConfig config(Consumer<ObjectNode> change) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("vocab_size", 50)
                .put("hidden_size", 32)
                .put("intermediate_size", 48)
                .put("num_hidden_layers", 2)
                .put("num_attention_heads", 4)
                .put("num_key_value_heads", 2)
                .put("max_position_embeddings", 64)
                .put("tie_word_embeddings", true);
        change.accept(json);
        return new ModelConfig(json, "config.json");
    }

    public static Decoder create(Consumer<ObjectNode> change, DType compute) {
        ModelConfig config = config(change);
        RandomWeights weights = new RandomWeights(7, 0.3, config.flag("tie_word_embeddings", false));
        return ModelFamilies.of(config).build(config, weights, DType.F32, Place.host(compute));
    }

    public static Decoder create() {
        return create(_ -> {}, DType.F32);
    }
}
