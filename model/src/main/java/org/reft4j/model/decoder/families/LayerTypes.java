package org.reft4j.model.decoder.families;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.reft4j.model.decoder.layers.AttentionType;
import org.reft4j.model.decoder.layers.Rope;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;

/** Full and sliding-window attention of a model's layers, as {@code config.json} states them. */
final class LayerTypes {
    private static final String KEY = "layer_types";
    private static final String WINDOW = "sliding_window";
    private static final String SWITCH = "use_sliding_window";

    private LayerTypes() {}

    /**
     * Attention types of the layers, in order.
     *
     * @param implied says which layers have sliding-window attention where there is no {@code layer_types}
     * @throws UnsupportedModelException if the type of a layer is unknown
     */
    static List<AttentionType> attentionTypes(
            ModelConfig config, int layers, IntPredicate implied, AttentionType all, AttentionType window) {
        JsonNode types = config.json().path(KEY);
        boolean missing = types.isMissingNode() || types.isNull();
        List<AttentionType> attentionTypes = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            attentionTypes.add((missing ? implied.test(i) : slides(config, types, layers, i)) ? window : all);
        }
        return attentionTypes;
    }

    private static boolean slides(ModelConfig config, JsonNode types, int layers, int layer) {
        if (!types.isArray() || types.size() != layers) {
            throw new FormatException(config.source() + ": \"" + KEY + "\" is " + types + "; expected " + layers
                    + " texts, one for each of \"num_hidden_layers\"");
        }
        return switch (types.get(layer).asText()) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default ->
                throw new UnsupportedModelException(config.source() + ": unknown \"" + KEY + "\" " + types.get(layer)
                        + "; known are full_attention, sliding_attention");
        };
    }

    /** {@code sliding_window}: {@code null} means none, and a missing key the default. */
    static int window(ModelConfig config, int absent) {
        return config.json().has(WINDOW) ? config.count(WINDOW, AttentionType.UNBOUNDED) : absent;
    }

    /**
     * Attention types of Qwen models: {@code use_sliding_window} says whether any layer has a window; without {@code layer_types}
     * those from {@code max_window_layers} on have it.
     */
    static List<AttentionType> switchedAttention(ModelConfig config, int layers, Rope rope) {
        int window = config.flag(SWITCH, false) ? window(config, 4096) : AttentionType.UNBOUNDED;
        int first = config.integer("max_window_layers", 28);
        if (window == AttentionType.UNBOUNDED
                && config.json().path(KEY).toString().contains("sliding")) {
            throw new FormatException(config.source() + ": \"" + KEY + "\" has sliding_attention, but \"" + SWITCH
                    + "\" or \"" + WINDOW + "\" says that there is no window");
        }
        return attentionTypes(
                config, layers, i -> i >= first, AttentionType.full(rope), AttentionType.sliding(rope, window));
    }
}
