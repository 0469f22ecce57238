package org.reft4j.model.decoder.families;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Loader;
import org.reft4j.model.decoder.ModelFamily;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.layers.Activation;
import org.reft4j.model.decoder.layers.Attention;
import org.reft4j.model.decoder.layers.AttentionType;
import org.reft4j.model.decoder.layers.Embedding;
import org.reft4j.model.decoder.layers.FeedForward;
import org.reft4j.model.decoder.layers.Layer;
import org.reft4j.model.decoder.layers.LayerInput;
import org.reft4j.model.decoder.layers.Norm;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Rope;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * The text models of Gemma 3, {@code Gemma3ForCausalLM}: most layers see a window only and have rotary angles of their own; norms before
 * and after each part of a layer, on queries and on keys; embeddings scaled by the root of the width.
 *
 * <p>Sources: Gemma Team 2025 (arXiv:2503.19786); names, defaults and order of operations as in Hugging Face transformers
 * ({@code modeling_gemma3.py}).
 */
public final class Gemma3 implements ModelFamily {

    @Override
    public List<String> architectures() {
        return List.of("Gemma3ForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.gated(
                config,
                ModelSizes.keyValueHeads(config, 4),
                config.count("head_dim", 256),
                config.count("max_position_embeddings", 131_072),
                config.flag("tie_word_embeddings", true));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        if (config.flag("use_bidirectional_attention", false)) {
            throw new UnsupportedModelException(
                    config.source() + ": use_bidirectional_attention is true; known is false (causal attention)");
        }
        ModelSizes sizes = sizes(config);
        Weights source = weights.withNormsFromZero();
        return Loader.load(config, source, sizes, master, place, loader -> {
            Rope global = loader.own(
                    Rope.ofLayerType(place, config, "full_attention", 1e6, sizes.headWidth(), sizes.contextLength()));
            Rope local = loader.own(Rope.ofLayerType(
                    place,
                    config,
                    "sliding_attention",
                    config.number("rope_local_base_freq", 1e4),
                    sizes.headWidth(),
                    sizes.contextLength()));
            return Shape.of(config, sizes, global, local).parts(loader);
        });
    }

    /**
     * Settings from {@code config.json}.
     *
     * @param scale of attention scores
     * @param attentionTypes of each layer
     */
    private record Shape(
            ModelSizes sizes,
            double normEpsilon,
            boolean attentionBias,
            Activation activation,
            double scale,
            List<AttentionType> attentionTypes) {

        static Shape of(ModelConfig config, ModelSizes sizes, Rope global, Rope local) {
            int pattern = config.count("sliding_window_pattern", config.count("_sliding_window_pattern", 6));
            return new Shape(
                    sizes,
                    config.number("rms_norm_eps", 1e-6),
                    config.flag("attention_bias", false),
                    Activation.of(config, "hidden_activation", "gelu_pytorch_tanh"),
                    1 / Math.sqrt(config.number("query_pre_attn_scalar", 256)),
                    LayerTypes.attentionTypes(
                            config,
                            sizes.layers(),
                            i -> (i + 1) % pattern != 0,
                            AttentionType.full(global),
                            AttentionType.sliding(local, LayerTypes.window(config, 4096))));
        }

        Loader.Parts parts(Loader loader) {
            String prefix = loader.prefix("embed_tokens.weight", "model.", "");
            Parameter embedding = loader.embedding(prefix + "embed_tokens.weight");
            List<Layer> layers = loader.layers(i -> layer(loader, i, prefix + "layers." + i + "."));
            Norm norm = loader.rmsAroundOne(prefix + "norm", sizes.width(), normEpsilon);
            return new Loader.Parts(
                    new Embedding(embedding, Math.sqrt(sizes.width()), null),
                    attentionTypes,
                    layers,
                    norm,
                    loader.head(embedding));
        }

        private Layer layer(Loader loader, int number, String at) {
            int width = sizes.width();
            return new NormsAround(
                    loader.rmsAroundOne(at + "input_layernorm", width, normEpsilon),
                    loader.attention(
                                    number,
                                    at + "self_attn.",
                                    attentionBias,
                                    "o_proj",
                                    attentionBias,
                                    attentionTypes.get(number))
                            .normed(
                                    loader.rmsAroundOne(at + "self_attn.q_norm", sizes.headWidth(), normEpsilon),
                                    loader.rmsAroundOne(at + "self_attn.k_norm", sizes.headWidth(), normEpsilon))
                            .scaled(scale),
                    loader.rmsAroundOne(at + "post_attention_layernorm", width, normEpsilon),
                    loader.rmsAroundOne(at + "pre_feedforward_layernorm", width, normEpsilon),
                    loader.gated(at + "mlp.", false, activation),
                    loader.rmsAroundOne(at + "post_feedforward_layernorm", width, normEpsilon));
        }
    }

    /** Attention, then feed-forward, each between two norms and added to the stream. */
    private record NormsAround(
            Norm beforeAttention,
            Attention attention,
            Norm afterAttention,
            Norm beforeFeedForward,
            FeedForward feedForward,
            Norm afterFeedForward)
            implements Layer {
        @Override
        public Tensor forward(Tensor x, LayerInput input) {
            Tensor attended = attention.forward(beforeAttention.forward(x), input);
            Tensor middle = input.add(x, afterAttention.forward(attended));
            Tensor fed = feedForward.forward(beforeFeedForward.forward(middle), input);
            return input.add(middle, afterFeedForward.forward(fed));
        }
    }
}
