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
 * Qwen 2 and 2.5, and what else says {@code Qwen2ForCausalLM}: Llama's layers with biases on queries, keys and values; the later layers
 * may see a window of the last tokens only.
 *
 * <p>Sources: Yang et al. 2024 (arXiv:2407.10671); names and defaults as in Hugging Face transformers ({@code modeling_qwen2.py}).
 */
public final class Qwen2 implements ModelFamily {

    @Override
    public List<String> architectures() {
        return List.of("Qwen2ForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.gated(
                config,
                ModelSizes.keyValueHeads(config, 32),
                config.count("head_dim", config.count("hidden_size") / config.count("num_attention_heads")),
                config.count("max_position_embeddings", 32_768),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        ModelSizes sizes = sizes(config);
        return Loader.load(config, weights, sizes, master, place, loader -> {
            Rope rope = loader.own(Rope.of(place, config, sizes.headWidth(), sizes.contextLength()));
            return Shape.of(config, sizes, rope).parts(loader);
        });
    }

    /**
     * Settings from {@code config.json}.
     *
     * @param attentionTypes of each layer
     */
    private record Shape(
            ModelSizes sizes, double normEpsilon, Activation activation, List<AttentionType> attentionTypes) {

        static Shape of(ModelConfig config, ModelSizes sizes, Rope rope) {
            return new Shape(
                    sizes,
                    config.number("rms_norm_eps", 1e-6),
                    Activation.of(config, "hidden_act", "silu"),
                    LayerTypes.switchedAttention(config, sizes.layers(), rope));
        }

        Loader.Parts parts(Loader loader) {
            return loader.likeLlama(attentionTypes, normEpsilon, (number, at) -> layer(loader, number, at));
        }

        private Layer layer(Loader loader, int number, String at) {
            return new PreNormLayer(
                    loader.rms(at + "input_layernorm", sizes.width(), normEpsilon),
                    loader.attention(number, at + "self_attn.", true, "o_proj", false, attentionTypes.get(number)),
                    loader.rms(at + "post_attention_layernorm", sizes.width(), normEpsilon),
                    loader.gated(at + "mlp.", false, activation));
        }
    }
}
