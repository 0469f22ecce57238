package org.reft4j.model.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.reft4j.model.decoder.layers.Attention;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;

/**
 * Sizes of a decoder, whatever its {@code config.json} calls them. Memory needs follow from them.
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

    /** Ratio of counted to stored numbers that no way of counting explains. */
    private static final double FAR = 2;

    /** {@code num_key_value_heads}: {@code absent} where the key is absent, but as many as there are heads where it is null. */
    public static int keyValueHeads(ModelConfig config, int absent) {
        return config.json().has("num_key_value_heads")
                ? config.count("num_key_value_heads", config.count("num_attention_heads"))
                : absent;
    }

    /** Reads sizes under the keys of Llama, which most later families took over; they differ in defaults. */
    public static ModelSizes gated(
            ModelConfig config, int keyValueHeads, int headWidth, int contextLength, boolean tied) {
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
     * Reads sizes without gate and without shared key/value heads, under the keys of a family before Llama.
     *
     * @param width the key of the width
     * @param layers the key of the number of layers
     * @param heads the key of the number of heads
     */
    public static ModelSizes plain(
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

    /** Numbers and width of the attention heads. */
    public Attention.Heads attentionHeads() {
        return new Attention.Heads(heads, keyValueHeads, headWidth);
    }

    /** A linear layer by the names of Llama and those after it. */
    public record Linear(String name, long inputs, long outputs) {
        double weights() {
            return (double) inputs * outputs;
        }
    }

    /** The linear layers of one layer. */
    public List<Linear> linears() {
        long queries = (long) heads * headWidth;
        long keys = (long) keyValueHeads * headWidth;
        Stream<Linear> all = Stream.of(
                new Linear("self_attn.q_proj", width, queries),
                new Linear("self_attn.k_proj", width, keys),
                new Linear("self_attn.v_proj", width, keys),
                new Linear("self_attn.o_proj", queries, width),
                new Linear("mlp.gate_proj", width, feedForward),
                new Linear("mlp.up_proj", width, feedForward),
                new Linear("mlp.down_proj", feedForward, width));
        return all.filter(linear -> gated || !linear.name().equals("mlp.gate_proj"))
                .toList();
    }

    /** Number of parameters; biases, positions and norms are left out, but for Llama's norms. */
    public long parameters() {
        double layer = linears().stream().mapToDouble(Linear::weights).sum() + 2.0 * width;
        return bounded((double) vocabulary * width * (tied ? 1 : 2) + layers * layer + width);
    }

    /**
     * Refuses sizes that the weights are far too few for, before anything is made by them.
     *
     * @throws FormatException that names both numbers
     */
    public void requireLike(StoredWeights weights, ModelConfig config) {
        double stored = weights.names().stream()
                .mapToDouble(name ->
                        Arrays.stream(weights.shape(name)).asDoubleStream().reduce(1, (a, b) -> a * b))
                .sum();
        // Some families have more than is counted here, and none has less.
        if (Math.max(parameters(), layers) > FAR * Math.max(1, stored)) {
            throw new FormatException(String.format(
                    Locale.ROOT,
                    "%s: these sizes make %.4g parameters, and %s holds %.4g numbers; config.json and weights do not belong together",
                    config.source(),
                    (double) parameters(),
                    weights.source(),
                    stored));
        }
    }

    /** Bytes of the key/value cache of so many rows. */
    public long cacheBytes(long rows, long tokens, DType type) {
        return bounded(2.0 * layers * rows * tokens * keyValueHeads * headWidth * type.bytes());
    }

    /**
     * Bounds a number so that sums and small multiples of it fit a long: sizes of a configuration may be absurd. Exact up to 2^53, far
     * above the memory of any machine.
     */
    private static long bounded(double number) {
        return (long) Math.min(number, 0x1p56);
    }

    /** Activations of one layer that the backward pass needs: norms, queries, keys, values, attention, feed-forward. */
    public long layerBytes(long tokens) {
        double inner = (gated ? 4.0 : 2.0) * feedForward;
        double attention = 3.0 * heads + 4.0 * keyValueHeads;
        return bounded(tokens * (6.0 * width + attention * headWidth + inner) * Float.BYTES);
    }

    /**
     * Activations of all layers that the backward pass needs.
     *
     * @param checkpointing whether only the input of each layer is kept, and the rest computed again one layer at a time
     */
    public long activationBytes(long tokens, boolean checkpointing) {
        double layer = layerBytes(tokens);
        return bounded(checkpointing ? layer + (double) tokens * layers * width * Float.BYTES : layers * layer);
    }
}
