package org.reft4j.model.decoder;

import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;

/**
 * The sizes of a decoder, whatever its {@code config.json} calls them: what its caches and its memory follow from.
 *
 * @param vocabulary tokens, {@code V}
 * @param width of the hidden states, {@code E}
 * @param layers {@code L}
 * @param heads of queries, {@code H}
 * @param keyValueHeads {@code Hkv}; divides {@code heads}
 * @param headWidth {@code D}
 * @param feedForward inner width of the feed-forward part
 * @param gated whether the feed-forward part has a gate: three matrices instead of two
 * @param contextLength positions
 * @param tied whether the embedding is the output matrix too
 */
public record ModelSizes(
        int vocabulary,
        int width,
        int layers,
        int heads,
        int keyValueHeads,
        int headWidth,
        int feedForward,
        boolean gated,
        int contextLength,
        boolean tied) {

    /** Under the keys of Llama, which most families after it took over; the others differ in defaults. */
    static ModelSizes gated(ModelConfig config, int keyValueHeads, int headWidth, int contextLength, boolean tied) {
        return new ModelSizes(
                        config.count("vocab_size"),
                        config.count("hidden_size"),
                        config.count("num_hidden_layers"),
                        config.count("num_attention_heads"),
                        keyValueHeads,
                        headWidth,
                        config.count("intermediate_size"),
                        true,
                        contextLength,
                        tied)
                .checked(config);
    }

    /**
     * Without gate and without shared key/value heads, under names that the families before Llama each have of their own.
     *
     * @param width the key of the width
     * @param layers the key of the number of layers
     * @param heads the key of the number of heads
     */
    static ModelSizes plain(
            ModelConfig config,
            String width,
            String layers,
            String heads,
            int feedForward,
            int contextLength,
            boolean tied) {
        int wide = config.count(width);
        int many = config.count(heads);
        if (wide % many != 0) {
            throw new FormatException(config.source() + ": \"" + width + "\" is " + wide + "; expected a multiple of \""
                    + heads + "\" (" + many + ")");
        }
        return new ModelSizes(
                config.count("vocab_size"),
                wide,
                config.count(layers),
                many,
                many,
                wide / many,
                feedForward,
                false,
                contextLength,
                tied);
    }

    private ModelSizes checked(ModelConfig config) {
        if (heads % keyValueHeads != 0) {
            throw new FormatException(config.source() + ": \"num_attention_heads\" is " + heads
                    + "; expected a multiple of \"num_key_value_heads\" (" + keyValueHeads + ")");
        }
        if (headWidth < 1) {
            throw new FormatException(config.source() + ": \"hidden_size\" is " + width
                    + "; expected at least \"num_attention_heads\" (" + heads + ")");
        }
        return this;
    }
}
