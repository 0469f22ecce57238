package org.reft4j.model.decoder.families;

import java.util.List;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Loader;
import org.reft4j.model.decoder.ModelFamily;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.layers.Activation;
import org.reft4j.model.decoder.layers.AttentionType;
import org.reft4j.model.decoder.layers.Layer;
import org.reft4j.model.decoder.layers.PreNormLayer;
import org.reft4j.model.decoder.layers.Rope;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * Llama 2 and 3, CodeLlama, SmolLM2 and what else says {@code LlamaForCausalLM}: rotary positions, grouped key/value heads, RMS norm,
 * gated feed-forward.
 *
 * <p>Sources: Touvron et al. 2023 (arXiv:2307.09288), Grattafiori et al. 2024 (arXiv:2407.21783); names, defaults and order of
 * operations as in Hugging Face transformers ({@code modeling_llama.py}).
 */
public final class Llama implements ModelFamily {

    @Override
    public List<String> architectures() {
        return List.of("LlamaForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        int heads = config.count("num_attention_heads");
        return ModelSizes.gated(
                config,
                config.count("num_key_value_heads", heads),
                config.count("head_dim", config.count("hidden_size") / heads),
                config.count("max_position_embeddings", 2048),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        ModelSizes sizes = sizes(config);
        return build(config, weights, master, place, Rope.of(place, config, sizes.headWidth(), sizes.contextLength()));
    }

    /** As {@link #build(ModelConfig, Weights, DType, Place)} with given angles, which the decoder owns from here on. */
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place, Rope rope) {
        ModelSizes sizes = sizes(config);
        return Loader.load(config, weights, sizes, master, place, loader -> {
            AttentionType attentionType = AttentionType.full(loader.own(rope));
            return Shape.of(config, sizes).parts(loader, attentionType);
        });
    }

    /** Settings from {@code config.json} besides the rotary ones. */
    private record Shape(
            ModelSizes sizes, double normEpsilon, boolean attentionBias, boolean mlpBias, Activation activation) {

        static Shape of(ModelConfig config, ModelSizes sizes) {
            return new Shape(
                    sizes,
                    config.number("rms_norm_eps", 1e-6),
                    config.flag("attention_bias", false),
                    config.flag("mlp_bias", false),
                    Activation.of(config, "hidden_act", "silu"));
        }

        Loader.Parts parts(Loader loader, AttentionType attentionType) {
            return loader.likeLlama(
                    List.of(attentionType), normEpsilon, (number, at) -> layer(loader, number, at, attentionType));
        }

        private Layer layer(Loader loader, int number, String at, AttentionType attentionType) {
            return new PreNormLayer(
                    loader.rms(at + "input_layernorm", sizes.width(), normEpsilon),
                    loader.attention(number, at + "self_attn.", attentionBias, "o_proj", attentionBias, attentionType),
                    loader.rms(at + "post_attention_layernorm", sizes.width(), normEpsilon),
                    loader.gated(at + "mlp.", mlpBias, activation));
        }
    }
}
