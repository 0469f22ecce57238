package org.reft4j.model.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.Llama3Rope;
import org.reft4j.model.weights.ModelConfig;

/**
 * The metadata of a GGUF file that a {@code config.json} gives: the opposite of {@link GgufConfig}. What a file could not say, and a
 * reader would therefore compute otherwise, is refused.
 */
final class GgufKeys {
    /** Far above the layers, heads or head widths of any model. */
    static final int LARGEST = 1 << 16;

    private final GgufArchitecture architecture;
    private final ModelConfig config;
    private final Map<String, GgufValue> pairs = new LinkedHashMap<>();
    private Optional<float[]> ropeFactors = Optional.empty();

    private GgufKeys(GgufArchitecture architecture, ModelConfig config) {
        this.architecture = architecture;
        this.config = config;
    }

    /**
     * Describes a model.
     *
     * @throws FormatException if GGUF files of this architecture cannot say what the configuration says
     */
    static GgufKeys of(ModelConfig config) {
        GgufArchitecture architecture = GgufArchitecture.ofCheckpoint(config.architecture())
                .orElseThrow(() -> new FormatException(
                        config.source() + ": \"" + config.architecture() + "\" is not written as GGUF; written are "
                                + GgufArchitecture.knownCheckpoints() + ". Keep the model as a Hugging Face folder"));
        GgufKeys keys = new GgufKeys(architecture, config);
        keys.describe();
        return keys;
    }

    GgufArchitecture architecture() {
        return architecture;
    }

    /** The pairs, in the order to be written. */
    Map<String, GgufValue> pairs() {
        return pairs;
    }

    /** The tensor {@code rope_freqs.weight}, for models that need one. */
    Optional<float[]> ropeFactors() {
        return ropeFactors;
    }

    int heads() {
        return size("num_attention_heads", config.integer("num_attention_heads"));
    }

    int keyHeads() {
        return size("num_key_value_heads", config.integer("num_key_value_heads", heads()));
    }

    int layers() {
        return size("num_hidden_layers", config.integer("num_hidden_layers"));
    }

    private int headWidth() {
        return size("head_dim", config.integer("head_dim", config.integer("hidden_size") / heads()));
    }

    /** Nothing is made of a size before it is seen to be one. */
    private int size(String key, int value) {
        if (value < 1 || value > LARGEST) {
            throw new FormatException(config.source() + ": \"" + key + "\" is " + value + "; expected 1 to " + LARGEST);
        }
        return value;
    }

    private void describe() {
        pairs.put("general.architecture", new GgufValue.Text(architecture.fileName()));
        pairs.put("general.type", new GgufValue.Text("model"));
        whole("context_length", config.integer("max_position_embeddings", 2048));
        whole("embedding_length", config.integer("hidden_size"));
        whole("block_count", layers());
        whole("feed_forward_length", config.integer("intermediate_size"));
        whole("attention.head_count", heads());
        whole("attention.head_count_kv", keyHeads());
        whole("attention.key_length", headWidth());
        whole("attention.value_length", headWidth());
        real("attention.layer_norm_rms_epsilon", config.number("rms_norm_eps", 1e-6));
        whole("vocab_size", config.integer("vocab_size"));
        if (architecture == GgufArchitecture.LLAMA) {
            whole("rope.dimension_count", headWidth());
        }
        if (architecture == GgufArchitecture.GEMMA3) {
            gemma3();
        } else {
            activation("hidden_act", "silu", "silu", "swish");
            refuseWindow();
            rope(
                    config.json().path("rope_parameters").isObject()
                            ? config.json().path("rope_parameters")
                            : config.json().path("rope_scaling"));
        }
    }

    private void refuseWindow() {
        boolean qwen = architecture != GgufArchitecture.LLAMA;
        boolean used = config.flag("use_sliding_window", !qwen)
                && config.integer("sliding_window", Integer.MAX_VALUE)
                        < config.integer("max_position_embeddings", 2048);
        if (used) {
            throw new FormatException(config.source() + ": \"sliding_window\" is " + config.integer("sliding_window")
                    + ", which GGUF files of the architecture \"" + architecture.fileName()
                    + "\" cannot say. Keep the model as a Hugging Face folder");
        }
    }

    private void gemma3() {
        activation("hidden_activation", "gelu_pytorch_tanh", "gelu_pytorch_tanh");
        for (String cap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            if (config.number(cap, 0) > 0) {
                throw cannotSay(cap);
            }
        }
        int layers = layers();
        int scale = layers == GgufConfig.GEMMA3_LARGEST ? config.integer("hidden_size") / heads() : headWidth();
        if (config.number("query_pre_attn_scalar", 256) != scale) {
            throw cannotSay("query_pre_attn_scalar");
        }
        whole("attention.sliding_window", config.integer("sliding_window", 4096));
        whole("attention.sliding_window_pattern", pattern(layers));
        JsonNode ropes = config.json().path("rope_parameters");
        JsonNode local = ropes.path("sliding_attention");
        if (!local.path("rope_type").asText("default").equals("default")) {
            throw cannotSay("rope_parameters.sliding_attention");
        }
        real("rope.freq_base_swa", local.path("rope_theta").asDouble(config.number("rope_local_base_freq", 10000)));
        rope(ropes.isObject() ? ropes.path("full_attention") : config.json().path("rope_scaling"));
    }

    /** Every so many layers one that sees everything; the only arrangement that files describe. */
    private int pattern(int layers) {
        JsonNode types = config.json().path("layer_types");
        if (!types.isArray()) {
            return config.integer("sliding_window_pattern", 6);
        }
        int every = 1;
        while (every <= types.size() && !types.path(every - 1).asText().equals("full_attention")) {
            every++;
        }
        for (int i = 0; i < layers; i++) {
            boolean full = types.path(i).asText().equals("full_attention");
            if (full != ((i + 1) % every == 0)) {
                throw cannotSay("layer_types");
            }
        }
        return every;
    }

    private void rope(JsonNode scaling) {
        double theta = scaling.path("rope_theta")
                .asDouble(config.number("rope_theta", architecture == GgufArchitecture.GEMMA3 ? 1e6 : 10000));
        real("rope.freq_base", theta);
        String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        switch (type) {
            case "default" -> {}
            case "linear" -> scaled("linear", scaling);
            case "yarn" -> {
                for (String other : List.of("attention_factor", "mscale", "mscale_all_dim", "truncate")) {
                    if (scaling.hasNonNull(other)) {
                        throw cannotSay("rope_parameters." + other);
                    }
                }
                scaled("yarn", scaling);
                optional(scaling, "beta_fast", "rope.scaling.yarn_beta_fast");
                optional(scaling, "beta_slow", "rope.scaling.yarn_beta_slow");
                whole(
                        "rope.scaling.original_context_length",
                        scaling.path("original_max_position_embeddings")
                                .asInt(config.integer("max_position_embeddings")));
            }
            case "llama3" -> llama3(scaling, theta);
            default ->
                throw new FormatException(config.source() + ": rope type \"" + type
                        + "\" is not written as GGUF; written are default, linear, yarn, llama3. Keep the model as a"
                        + " Hugging Face folder");
        }
    }

    private void scaled(String type, JsonNode scaling) {
        text("rope.scaling.type", type);
        real("rope.scaling.factor", required(scaling, "factor"));
    }

    private void optional(JsonNode scaling, String from, String to) {
        if (scaling.path(from).isNumber()) {
            real(to, scaling.path(from).asDouble());
        }
    }

    /** Files keep what every frequency is divided by; the context tells readers which numbers gave these. */
    private void llama3(JsonNode scaling, double theta) {
        double low = required(scaling, "low_freq_factor");
        double context = required(scaling, "original_max_position_embeddings") / low;
        Llama3Rope rule =
                new Llama3Rope(required(scaling, "factor"), 1, required(scaling, "high_freq_factor") / low, context);
        float[] factors = new float[headWidth() / 2];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) rule.divisor(GgufRope.wavelength(theta, headWidth(), i));
        }
        ropeFactors = Optional.of(factors);
        whole("rope.scaling.original_context_length", Math.round(context));
    }

    private double required(JsonNode scaling, String key) {
        JsonNode value = scaling.path(key);
        if (!value.isNumber() || value.asDouble() <= 0) {
            throw new FormatException(config.source() + ": rope_parameters." + key + " is "
                    + (value.isMissingNode() ? "missing" : value) + "; expected a positive number");
        }
        return value.asDouble();
    }

    private void activation(String key, String absent, String... known) {
        if (!List.of(known).contains(config.text(key, absent))) {
            throw cannotSay(key);
        }
    }

    private FormatException cannotSay(String key) {
        return new FormatException(config.source() + ": \"" + key + "\" is "
                + config.json().at("/" + key.replace('.', '/')) + ", which GGUF files of the architecture \""
                + architecture.fileName() + "\" cannot say. Keep the model as a Hugging Face folder");
    }

    private void whole(String name, long value) {
        pairs.put(architecture.fileName() + "." + name, new GgufValue.Whole(value));
    }

    private void real(String name, double value) {
        pairs.put(architecture.fileName() + "." + name, new GgufValue.Real(value));
    }

    private void text(String name, String value) {
        pairs.put(architecture.fileName() + "." + name, new GgufValue.Text(value));
    }
}
