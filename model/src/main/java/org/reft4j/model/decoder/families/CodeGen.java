package org.reft4j.model.decoder.families;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
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
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.decoder.layers.Rope;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/**
 * CodeGen, {@code CodeGenForCausalLM}: attention and feed-forward side by side after one norm, rotary positions on the first channels
 * of a head, a bias on the output.
 *
 * <p>Sources: Nijkamp et al. 2022 (arXiv:2203.13474); names, defaults and order of operations as in Hugging Face transformers
 * ({@code modeling_codegen.py}).
 */
public final class CodeGen implements ModelFamily {
    /** The weight of queries, values and keys was trained in this many parts, and still lies so: part by part, with all three in each. */
    private static final int PARTS = 4;

    private static final double THETA = 10_000;

    @Override
    public List<String> architectures() {
        return List.of("CodeGenForCausalLM");
    }

    @Override
    public ModelSizes sizes(ModelConfig config) {
        return ModelSizes.plain(
                config,
                "n_embd",
                "n_layer",
                "n_head",
                config.count("n_inner", 4 * config.count("n_embd")),
                config.count("n_positions", 2048),
                config.flag("tie_word_embeddings", false));
    }

    @Override
    public Decoder build(ModelConfig config, Weights weights, DType master, Place place) {
        ModelSizes sizes = sizes(config);
        int rotated = rotated(config, sizes);
        return Loader.load(config, weights, sizes, master, place, loader -> {
            Rope rope = loader.own(Rope.ofNeighbours(place, THETA, rotated, sizes.contextLength()));
            return Shape.of(config, sizes, AttentionType.full(rope)).parts(loader);
        });
    }

    private static int rotated(ModelConfig config, ModelSizes sizes) {
        if (sizes.heads() % PARTS != 0) {
            throw new FormatException(config.source() + ": \"n_head\" is " + sizes.heads() + "; expected a multiple of "
                    + PARTS + ", the parts in which the weight of queries, keys and values lies");
        }
        int rotated = config.json().has("rotary_dim") ? config.count("rotary_dim") : 64;
        if (rotated % 2 != 0 || rotated > sizes.headWidth()) {
            throw new FormatException(config.source() + ": \"rotary_dim\" is " + rotated
                    + "; expected an even number, at most the width of a head (" + sizes.headWidth() + ")");
        }
        return rotated;
    }

    /** Settings from {@code config.json}. */
    private record Shape(ModelSizes sizes, double normEpsilon, Activation activation, AttentionType attentionType) {

        static Shape of(ModelConfig config, ModelSizes sizes, AttentionType attentionType) {
            return new Shape(
                    sizes,
                    config.number("layer_norm_epsilon", 1e-5),
                    Activation.of(config, "activation_function", "gelu_new"),
                    attentionType);
        }

        Loader.Parts parts(Loader loader) {
            String prefix = loader.prefix("wte.weight", "transformer.", "");
            Parameter embedding = loader.embedding(prefix + "wte.weight");
            List<Layer> layers = loader.layers(i -> layer(loader, i, prefix + "h." + i + "."));
            Norm norm = loader.layerNorm(prefix + "ln_f", normEpsilon);
            return new Loader.Parts(
                    Embedding.plain(embedding), List.of(attentionType), layers, norm, loader.headWithBias(embedding));
        }

        private Layer layer(Loader loader, int number, String at) {
            int width = sizes.width();
            int inner = sizes.feedForward();
            return new ParallelLayer(
                    loader.layerNorm(at + "ln_1", normEpsilon),
                    new Attention(
                                    number,
                                    sizes.attentionHeads(),
                                    loader.projection(
                                            width, false, new Projection.Part(at + "attn.qkv_proj", 3 * width)),
                                    loader.projection(width, false, new Projection.Part(at + "attn.out_proj", width)),
                                    attentionType)
                            .ordered(CodeGen::ordered),
                    new FeedForward.Plain(
                            loader.projection(width, true, new Projection.Part(at + "mlp.fc_in", inner)),
                            loader.projection(inner, true, new Projection.Part(at + "mlp.fc_out", width)),
                            activation));
        }
    }

    /** Reorders four times (query, value, key) heads to query, key, value heads: [B, T, 3H, D] to the same. */
    private static Tensor ordered(Tensor heads) {
        long all = heads.size(2);
        Tensor parts = heads.view(heads.size(0), heads.size(1), PARTS, 3, all / (3L * PARTS), heads.size(3));
        return torch.cat(new TensorVector(parts.select(3, 0), parts.select(3, 2), parts.select(3, 1)), 2)
                .view(heads.size(0), heads.size(1), all, heads.size(3));
    }

    /** {@code x + attention(norm(x)) + feedForward(norm(x))} */
    private record ParallelLayer(Norm norm, Attention attention, FeedForward feedForward) implements Layer {
        @Override
        public Tensor forward(Tensor x, LayerInput input) {
            Tensor normed = norm.forward(x);
            return input.add(input.add(x, attention.forward(normed, input)), feedForward.forward(normed, input));
        }
    }
}
