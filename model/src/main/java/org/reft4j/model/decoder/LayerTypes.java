package org.reft4j.model.decoder;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;

/** Which layers see a window only, and how far it reaches, as {@code config.json} says it. */
final class LayerTypes {
    private static final String KEY = "layer_types";
    private static final String WINDOW = "sliding_window";
    private static final String SWITCH = "use_sliding_window";

    private LayerTypes() {}

    /**
     * The sight of each layer.
     *
     * @param implied which layers see a window only, where there is no {@code layer_types}
     * @throws UnsupportedModelException if a layer is of a kind that is unknown
     */
    static List<Sight> sights(ModelConfig config, int layers, IntPredicate implied, Sight all, Sight window) {
        JsonNode types = config.json().path(KEY);
        boolean missing = types.isMissingNode() || types.isNull();
        List<Sight> sights = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            sights.add((missing ? implied.test(i) : slides(config, types, layers, i)) ? window : all);
        }
        return sights;
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
        return config.json().has(WINDOW) ? config.count(WINDOW, Sight.UNBOUNDED) : absent;
    }

    /**
     * The sights of Qwen's models: {@code use_sliding_window} says whether any layer has a window at all; without {@code layer_types}
     * those from {@code max_window_layers} on have it.
     */
    static List<Sight> switchedSights(ModelConfig config, int layers, Rope rope) {
        int window = config.flag(SWITCH, false) ? window(config, 4096) : Sight.UNBOUNDED;
        int first = config.integer("max_window_layers", 28);
        if (window == Sight.UNBOUNDED && config.json().path(KEY).toString().contains("sliding")) {
            throw new FormatException(config.source() + ": \"" + KEY + "\" has sliding_attention, but \"" + SWITCH
                    + "\" or \"" + WINDOW + "\" says that there is no window");
        }
        return sights(config, layers, i -> i >= first, Sight.unbounded(rope), new Sight(rope, window));
    }
}
