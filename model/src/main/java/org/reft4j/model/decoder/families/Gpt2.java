package org.reft4j.model.decoder.families;

import java.util.List;
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
import org.reft4j.model.decoder.layers.LearnedPositions;
import org.reft4j.model.decoder.layers.Norm;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.PreNormLayer;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * GPT-2, CodeParrot and what else says {@code GPT2LMHeadModel}: learned positions, layer norm, queries, keys and values as one layer,
 * weights kept as [inputs, outputs].
 *
 * <p>Sources: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"; names, defaults and order of operations as in
 * Hugging Face transformers ({@code modeling_gpt2.py}).
 */
public final class Gpt2 implements ModelFamily {

    @Override
    public List<String> architectures() {
        return List.of("GPT2LMHeadModel");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.plain(
                config,
                "n_embd",
                "n_layer",
                "n_head",
                config.count("n_inner", 4 * config.count("n_embd")),
                config.count("n_positions", 1024),
                config.flag("tie_word_embeddings", true));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        if (config.flag("add_cross_attention", false)) {
            throw new UnsupportedModelException(
                    config.source() + ": add_cross_attention is true; known is false (a decoder alone)");
        }
        ModelSizes sizes = sizes(config);
        return Loader.load(
                config,
                weights,
                sizes,
                master,
                place,
                loader -> Shape.of(config, sizes).parts(loader));
    }

    /** Settings from {@code config.json}. */
    private record Shape(
            ModelSizes sizes,
            double normEpsilon,
            Activation activation,
            boolean scaleByWidth,
            boolean scaleByLayer,
            AttentionType attentionType) {

        static Shape of(ModelConfig config, ModelSizes sizes) {
            return new Shape(
                    sizes,
                    config.number("layer_norm_epsilon", 1e-5),
                    Activation.of(config, "activation_function", "gelu_new"),
                    config.flag("scale_attn_weights", true),
                    config.flag("scale_attn_by_inverse_layer_idx", false),
                    AttentionType.full(null));
        }

        Loader.Parts parts(Loader loader) {
            String prefix = loader.prefix("wte.weight", "transformer.", "");
            int limit = sizes.contextLength();
            Parameter tokens = loader.embedding(prefix + "wte.weight");
            Parameter positions = loader.matrix(prefix + "wpe.weight", limit, sizes.width());
            List<Layer> layers = loader.layers(i -> layer(loader, i, prefix + "h." + i + "."));
            Norm norm = loader.layerNorm(prefix + "ln_f", normEpsilon);
            return new Loader.Parts(
                    new Embedding(tokens, 1, new LearnedPositions(positions, 0, limit)),
                    List.of(attentionType),
                    layers,
                    norm,
                    loader.head(tokens));
        }

        private Layer layer(Loader loader, int number, String at) {
            int width = sizes.width();
            int inner = sizes.feedForward();
            return new PreNormLayer(
                    loader.layerNorm(at + "ln_1", normEpsilon),
                    new Attention(
                                    number,
                                    sizes.attentionHeads(),
                                    loader.inputsFirst(at + "attn.c_attn", width, 3 * width),
                                    loader.inputsFirst(at + "attn.c_proj", width, width),
                                    attentionType)
                            .scaled(scale(number)),
                    loader.layerNorm(at + "ln_2", normEpsilon),
                    new FeedForward.Plain(
                            loader.inputsFirst(at + "mlp.c_fc", width, inner),
                            loader.inputsFirst(at + "mlp.c_proj", inner, width),
                            activation));
        }

        private double scale(int number) {
            double scale = scaleByWidth ? 1 / Math.sqrt(sizes.headWidth()) : 1;
            return scaleByLayer ? scale / (number + 1) : scale;
        }
    }
}
