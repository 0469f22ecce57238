package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;

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
        int heads = config.count("num_attention_heads");
        return ModelSizes.gated(
                config,
                config.json().has("num_key_value_heads") ? config.count("num_key_value_heads", heads) : 8,
                config.count("head_dim", config.count("hidden_size") / heads),
                config.count("max_position_embeddings", 131_072),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, DType compute) {
        ModelSizes sizes = sizes(config);
        return Loader.load(config, weights, sizes, master, compute, loader -> {
            Rope rope = loader.own(Rope.of(config, sizes.headWidth(), sizes.contextLength()));
            Sight sight = new Sight(rope, LayerTypes.window(config, 4096));
            return Shape.of(config, sizes).parts(loader, sight);
        });
    }

    /** What {@code config.json} says besides rotary settings and window. */
    private record Shape(ModelSizes sizes, double normEpsilon, Activation activation) {

        static Shape of(ModelConfig config, ModelSizes sizes) {
            return new Shape(sizes, config.number("rms_norm_eps", 1e-6), Activation.of(config, "hidden_act", "silu"));
        }

        LayeredDecoder.Parts parts(Loader loader, Sight sight) {
            String trunk = loader.prefix("embed_tokens.weight", "model.", "");
            Parameter embedding = loader.matrix(trunk + "embed_tokens.weight", sizes.vocabulary(), sizes.width());
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < sizes.layers(); i++) {
                layers.add(layer(loader, i, trunk + "layers." + i + ".", sight));
            }
            Norm norm = loader.rms(trunk + "norm", sizes.width(), normEpsilon);
            return new LayeredDecoder.Parts(
                    Embedding.plain(embedding), List.of(sight), layers, norm, loader.head(embedding));
        }

        private Layer layer(Loader loader, int number, String at, Sight sight) {
            return new PreNormLayer(
                    loader.rms(at + "input_layernorm", sizes.width(), normEpsilon),
                    loader.attention(number, at + "self_attn.", false, "o_proj", false, sight),
                    loader.rms(at + "post_attention_layernorm", sizes.width(), normEpsilon),
                    loader.gated(at + "mlp.", false, activation));
        }
    }
}
