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
import org.reft4j.model.decoder.layers.LearnedPositions;
import org.reft4j.model.decoder.layers.Norm;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.PreNormLayer;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * OPT and Galactica, {@code OPTForCausalLM}: learned positions from the third row of their table on, layer norm, biases that Galactica's
 * form lacks.
 *
 * <p>Sources: Zhang et al. 2022 (arXiv:2205.01068), Taylor et al. 2022 (arXiv:2211.09085); names, defaults and order of operations as in
 * Hugging Face transformers ({@code modeling_opt.py}).
 */
public final class Opt implements ModelFamily {
    private static final double NORM_EPSILON = 1e-5;
    /** The first rows of the table of positions are nobody's. */
    private static final int FIRST_POSITION = 2;

    @Override
    public List<String> architectures() {
        return List.of("OPTForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.plain(
                config,
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                config.count("ffn_dim"),
                config.count("max_position_embeddings", 2048),
                config.flag("tie_word_embeddings", true));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        ModelSizes sizes = sizes(config);
        int embedded = config.count("word_embed_proj_dim", sizes.width());
        if (embedded != sizes.width()) {
            throw new UnsupportedModelException(config.source() + ": word_embed_proj_dim is " + embedded
                    + "; known is the same as hidden_size (" + sizes.width() + ")");
        }
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
            boolean bias,
            boolean normsBefore,
            boolean normsHaveWeights,
            boolean finalNorm,
            Activation activation,
            AttentionType attentionType) {

        static Shape of(ModelConfig config, ModelSizes sizes) {
            boolean normsBefore = config.flag("do_layer_norm_before", true);
            return new Shape(
                    sizes,
                    config.flag("enable_bias", true),
                    normsBefore,
                    config.flag("layer_norm_elementwise_affine", true),
                    normsBefore && !config.flag("_remove_final_layer_norm", false),
                    Activation.of(config, "activation_function", "relu"),
                    AttentionType.full(null));
        }

        Loader.Parts parts(Loader loader) {
            String prefix = loader.prefix("embed_tokens.weight", "model.decoder.", "decoder.", "");
            int limit = sizes.contextLength();
            Parameter tokens = loader.embedding(prefix + "embed_tokens.weight");
            Parameter positions =
                    loader.matrix(prefix + "embed_positions.weight", limit + FIRST_POSITION, sizes.width());
            Norm norm = finalNorm ? norm(loader, prefix + "final_layer_norm") : new Norm.None();
            List<Layer> layers = loader.layers(i -> layer(loader, i, prefix + "layers." + i + "."));
            return new Loader.Parts(
                    new Embedding(tokens, 1, new LearnedPositions(positions, FIRST_POSITION, limit)),
                    List.of(attentionType),
                    layers,
                    norm,
                    loader.head(tokens));
        }

        private Layer layer(Loader loader, int number, String at) {
            int width = sizes.width();
            int inner = sizes.feedForward();
            Attention attention = loader.attention(number, at + "self_attn.", bias, "out_proj", bias, attentionType);
            Norm attentionNorm = norm(loader, at + "self_attn_layer_norm");
            FeedForward feedForward = new FeedForward.Plain(
                    loader.projection(width, bias, new Projection.Part(at + "fc1", inner)),
                    loader.projection(inner, bias, new Projection.Part(at + "fc2", width)),
                    activation);
            Norm feedForwardNorm = norm(loader, at + "final_layer_norm");
            return normsBefore
                    ? new PreNormLayer(attentionNorm, attention, feedForwardNorm, feedForward)
                    : new PostNormLayer(attention, attentionNorm, feedForward, feedForwardNorm);
        }

        private Norm norm(Loader loader, String name) {
            return normsHaveWeights
                    ? loader.layerNorm(name, NORM_EPSILON)
                    : new Norm.Layer(null, null, sizes.width(), NORM_EPSILON);
        }
    }

    /** Attention, then feed-forward, each added to the stream, which goes through a norm then: {@code norm(x + part(x))}. */
    private record PostNormLayer(Attention attention, Norm attentionNorm, FeedForward feedForward, Norm feedForwardNorm)
            implements Layer {
        @Override
        public Tensor forward(Tensor x, LayerInput input) {
            Tensor middle = attentionNorm.forward(input.add(x, attention.forward(x, input)));
            return feedForwardNorm.forward(input.add(middle, feedForward.forward(middle, input)));
        }
    }
}
