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
 * Mistral 7B and what else says {@code MistralForCausalLM}: Llama's layers, which may see a window of the last tokens only.
 *
 * <p>Sources: Jiang et al. 2023 (arXiv:2310.06825); names and defaults as in Hugging Face transformers ({@code modeling_mistral.py}).
 */
public final class Mistral implements ModelFamily {

    @Override
    public List<String> architectures() {
        return List.of("MistralForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.gated(
                config,
                ModelSizes.keyValueHeads(config, 8),
                config.count("head_dim", config.count("hidden_size") / config.count("num_attention_heads")),
                config.count("max_position_embeddings", 131_072),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        ModelSizes sizes = sizes(config);
        return Loader.load(config, weights, sizes, master, place, loader -> {
            Rope rope = loader.own(Rope.of(place, config, sizes.headWidth(), sizes.contextLength()));
            AttentionType attentionType = AttentionType.sliding(rope, LayerTypes.window(config, 4096));
            return Shape.of(config, sizes).parts(loader, attentionType);
        });
    }

    /** Settings from {@code config.json} besides rotary embedding and window. */
    private record Shape(ModelSizes sizes, double normEpsilon, Activation activation) {

        static Shape of(ModelConfig config, ModelSizes sizes) {
            return new Shape(sizes, config.number("rms_norm_eps", 1e-6), Activation.of(config, "hidden_act", "silu"));
        }

        Loader.Parts parts(Loader loader, AttentionType attentionType) {
            return loader.likeLlama(
                    List.of(attentionType), normEpsilon, (number, at) -> layer(loader, number, at, attentionType));
        }

        private Layer layer(Loader loader, int number, String at, AttentionType attentionType) {
            return new PreNormLayer(
                    loader.rms(at + "input_layernorm", sizes.width(), normEpsilon),
                    loader.attention(number, at + "self_attn.", false, "o_proj", false, attentionType),
                    loader.rms(at + "post_attention_layernorm", sizes.width(), normEpsilon),
                    loader.gated(at + "mlp.", false, activation));
        }
    }
}
