package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;

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
        int heads = config.count("num_attention_heads");
        return ModelSizes.gated(
                config,
                config.json().has("num_key_value_heads") ? config.count("num_key_value_heads", heads) : 32,
                config.count("head_dim", config.count("hidden_size") / heads),
                config.count("max_position_embeddings", 32_768),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, DType compute) {
        ModelSizes sizes = sizes(config);
        return Loader.load(config, weights, sizes, master, compute, loader -> {
            Rope rope = loader.own(Rope.of(config, sizes.headWidth(), sizes.contextLength()));
            return Shape.of(config, sizes, rope).parts(loader);
        });
    }

    /**
     * What {@code config.json} says.
     *
     * @param sights of each layer
     */
    private record Shape(ModelSizes sizes, double normEpsilon, Activation activation, List<Sight> sights) {

        static Shape of(ModelConfig config, ModelSizes sizes, Rope rope) {
            return new Shape(
                    sizes,
                    config.number("rms_norm_eps", 1e-6),
                    Activation.of(config, "hidden_act", "silu"),
                    LayerTypes.switchedSights(config, sizes.layers(), rope));
        }

        LayeredDecoder.Parts parts(Loader loader) {
            String trunk = loader.prefix("embed_tokens.weight", "model.", "");
            Parameter embedding = loader.matrix(trunk + "embed_tokens.weight", sizes.vocabulary(), sizes.width());
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < sizes.layers(); i++) {
                layers.add(layer(loader, i, trunk + "layers." + i + "."));
            }
            Norm norm = loader.rms(trunk + "norm", sizes.width(), normEpsilon);
            return new LayeredDecoder.Parts(Embedding.plain(embedding), sights, layers, norm, loader.head(embedding));
        }

        private Layer layer(Loader loader, int number, String at) {
            return new PreNormLayer(
                    loader.rms(at + "input_layernorm", sizes.width(), normEpsilon),
                    loader.attention(number, at + "self_attn.", true, "o_proj", false, sights.get(number)),
                    loader.rms(at + "post_attention_layernorm", sizes.width(), normEpsilon),
                    loader.gated(at + "mlp.", false, activation));
        }
    }
}
