package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.reft4j.model.decoder.layers.Activation;
import org.reft4j.model.decoder.layers.Attention;
import org.reft4j.model.decoder.layers.AttentionType;
import org.reft4j.model.decoder.layers.Embedding;
import org.reft4j.model.decoder.layers.FeedForward;
import org.reft4j.model.decoder.layers.Layer;
import org.reft4j.model.decoder.layers.Norm;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Reader of a decoder's parts by their checkpoint names. Closes what it opened if reading fails half-way; weights
 * that nobody asked for are an error.
 */
public final class Loader {
    private static final String HEAD = "lm_head";
    /** Buffers in old checkpoints that follow from the configuration: rotary frequencies and causal masks. */
    private static final Pattern BUFFER = Pattern.compile(
            "(.*\\.)?(rotary_emb(_local)?\\.inv_freq|attn\\.(bias|masked_bias|causal_mask|embed_positions))");

    private final ModelConfig config;
    private final Weights weights;
    private final ModelSizes sizes;
    private final DType master;
    private final Place place;
    private final List<AutoCloseable> opened = new ArrayList<>();

    private Loader(ModelConfig config, Weights weights, ModelSizes sizes, DType master, Place place) {
        this.config = config;
        this.weights = weights;
        this.sizes = sizes;
        this.master = master;
        this.place = place;
    }

    /** Builds a decoder from what {@code family} reads; see {@link ModelFamily#build} for the other arguments. */
    public static Decoder load(
            ModelConfig config,
            Weights weights,
            ModelSizes sizes,
            DType master,
            Place place,
            Function<Loader, Parts> family) {
        Loader loader = new Loader(config, weights, sizes, master, place);
        try (var _ = NativeScope.open()) {
            Parts parts = family.apply(loader);
            loader.refuseUnknown();
            return new LayeredDecoder(config, sizes, place, parts, loader.opened);
        } catch (RuntimeException e) {
            loader.opened.forEach(Loader::closeQuietly);
            throw e;
        }
    }

    static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void refuseUnknown() {
        Set<String> left = new TreeSet<>(weights.untaken());
        // Tied checkpoints may repeat the embedding.
        left.removeIf(name -> BUFFER.matcher(name).matches() || (sizes.tied() && name.equals(HEAD + ".weight")));
        if (!left.isEmpty()) {
            throw new FormatException(weights.source() + ": " + left.size() + " weights that a "
                    + config.architecture() + " of this configuration has no place for: "
                    + String.join(", ", left.stream().limit(5).toList())
                    + (left.size() > 5 ? ", ..." : "") + "; config.json and weights do not belong together");
        }
    }

    /** Registers a resource that the decoder closes when it is closed. */
    public <T extends AutoCloseable> T own(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Reads a weight matrix; products with it are in the compute type. */
    public Parameter matrix(String name, long rows, long columns) {
        return parameter(name, master, place.products(), rows, columns);
    }

    /** Reads the embedding: in float32 where it is the output matrix too. */
    public Parameter embedding(String name) {
        return sizes.tied()
                ? parameter(name, DType.F32, DType.F32, sizes.vocabulary(), sizes.width())
                : matrix(name, sizes.vocabulary(), sizes.width());
    }

    /** Reads a parameter that stays in float32, such as the scales of a norm. */
    Parameter vector(String name, long size) {
        return parameter(name, master, DType.F32, size);
    }

    private Parameter parameter(String name, DType kept, DType products, long... shape) {
        try (var _ = NativeScope.open()) {
            return own(new Parameter(name, Tensors.at(place, weights.take(name, kept, shape)), products));
        }
    }

    /**
     * Prefix of all names but the output layer's; checkpoints without an output layer often lack it.
     *
     * @param probe a name that every checkpoint has, without prefix
     * @return the first that fits; if none does, the first, so that a message has the usual name
     */
    public String prefix(String probe, String... candidates) {
        for (String candidate : candidates) {
            if (weights.has(candidate + probe)) {
                return candidate;
            }
        }
        return candidates[0];
    }

    /** Reads all layers, in order; {@code read} is given the index of each. */
    public List<Layer> layers(IntFunction<Layer> read) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < sizes.layers(); i++) {
            layers.add(read.apply(i));
        }
        return List.copyOf(layers);
    }

    /** Reads a whole decoder under Llama's names: embedding, layers, final RMS norm, output layer. */
    public Parts likeLlama(List<AttentionType> attentionTypes, double normEpsilon, LayerReader reader) {
        String prefix = prefix("embed_tokens.weight", "model.", "");
        Parameter embedding = embedding(prefix + "embed_tokens.weight");
        List<Layer> layers = layers(i -> reader.layer(i, prefix + "layers." + i + "."));
        Norm norm = rms(prefix + "norm", sizes.width(), normEpsilon);
        return new Parts(Embedding.plain(embedding), attentionTypes, layers, norm, head(embedding));
    }

    /** Reads the output layer: the embedding itself where they are tied. */
    public Projection head(Parameter embedding) {
        return head(embedding, false);
    }

    /** As {@link #head}, with {@code lm_head.bias}. */
    public Projection headWithBias(Parameter embedding) {
        return head(embedding, true);
    }

    /**
     * Output layer, in float32 whatever the other products are computed in: bfloat16 rounds a logit of 20 to a sixteenth, and with it the
     * log-probability of every token, which the next pass would round differently.
     */
    private Projection head(Parameter embedding, boolean bias) {
        if (!sizes.tied()) {
            Projection.Part part = new Projection.Part(HEAD, sizes.vocabulary());
            return opened(Projection.load(weights, DType.F32, outputs(), sizes.width(), bias, part));
        }
        List<Parameter> biases = bias ? List.of(vector(HEAD + ".bias", sizes.vocabulary())) : List.of();
        return own(Projection.tied(HEAD, embedding, biases, outputs()));
    }

    /** Reads linear layers over the same {@code inputs}, computed as one. */
    public Projection projection(int inputs, boolean bias, Projection.Part... parts) {
        return opened(Projection.load(weights, master, place, inputs, bias, parts));
    }

    /** Reads one linear layer with bias whose weight is [inputs, outputs] in the checkpoint. */
    public Projection inputsFirst(String name, int inputs, int outputs) {
        return opened(Projection.loadInputsFirst(weights, master, place, inputs, new Projection.Part(name, outputs)));
    }

    /** The same place with products in float32. */
    private Place outputs() {
        return new Place(place.device(), DType.F32, place.attention());
    }

    private Projection opened(Projection projection) {
        opened.addAll(projection.weights());
        opened.addAll(projection.biases());
        return own(projection);
    }

    /**
     * Reads attention from {@code q_proj}, {@code k_proj} and {@code v_proj}.
     *
     * @param at prefix of the names
     * @param bias whether these three have biases
     * @param output name of the output projection
     */
    public Attention attention(
            int number, String at, boolean bias, String output, boolean outputBias, AttentionType attentionType) {
        int queries = sizes.heads() * sizes.headWidth();
        int keys = sizes.keyValueHeads() * sizes.headWidth();
        return new Attention(
                number,
                sizes.attentionHeads(),
                projection(
                        sizes.width(),
                        bias,
                        new Projection.Part(at + "q_proj", queries),
                        new Projection.Part(at + "k_proj", keys),
                        new Projection.Part(at + "v_proj", keys)),
                projection(queries, outputBias, new Projection.Part(at + output, sizes.width())),
                attentionType);
    }

    /** Reads a gated feed-forward part from {@code gate_proj}, {@code up_proj} and {@code down_proj}, with {@code at} before their names. */
    public FeedForward gated(String at, boolean bias, Activation activation) {
        int inner = sizes.feedForward();
        return new FeedForward.Gated(
                projection(
                        sizes.width(),
                        bias,
                        new Projection.Part(at + "gate_proj", inner),
                        new Projection.Part(at + "up_proj", inner)),
                projection(inner, bias, new Projection.Part(at + "down_proj", sizes.width())),
                activation,
                inner);
    }

    /** Reads an RMS norm of hidden states or of heads: {@code <name>.weight}. */
    public Norm rms(String name, int width, double epsilon) {
        return new Norm.Rms(vector(name + ".weight", width), width, epsilon);
    }

    /** Reads an RMS norm that scales by one plus {@code <name>.weight}. */
    public Norm rmsAroundOne(String name, int width, double epsilon) {
        return new Norm.RmsAroundOne(vector(name + ".weight", width), width, epsilon);
    }

    /** Reads a layer norm: {@code <name>.weight} and {@code <name>.bias}. */
    public Norm layerNorm(String name, double epsilon) {
        int width = sizes.width();
        return new Norm.Layer(vector(name + ".weight", width), vector(name + ".bias", width), width, epsilon);
    }

    /**
     * Parts of a family's decoder.
     *
     * @param attentionTypes those of the layers, in any order
     * @param norm after the last layer
     * @param head output layer, from the last hidden state to the logits; the last projection that was opened
     */
    public record Parts(
            Embedding embedding, List<AttentionType> attentionTypes, List<Layer> layers, Norm norm, Projection head) {}

    /** Reader of one layer, by its index and the prefix of its weights' names. */
    public interface LayerReader {
        Layer layer(int number, String at);
    }
}
