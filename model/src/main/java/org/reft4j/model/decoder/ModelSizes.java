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
