package org.reft4j.model.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

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
    public Decoder build(ModelConfig config, Weights weights, DType master, DType compute) {
        Shape shape = Shape.of(config);
        return build(config, weights, master, compute, Rope.of(config, shape.headWidth(), shape.contextLength()));
    }

    /** As {@link #build(ModelConfig, Weights, DType, DType)} with given angles, which the decoder owns from here on. */
    Decoder build(ModelConfig config, Weights weights, DType master, DType compute, Rope rope) {
        Shape shape = Shape.of(config);
        List<AutoCloseable> opened = new ArrayList<>();
        try (var _ = NativeScope.open()) {
            opened.add(rope);
            LlamaDecoder decoder =
                    new LlamaDecoder(config, shape, rope, new Loader(weights, shape, master, compute, opened));
            refuseUnknown(weights, decoder);
            return decoder;
        } catch (RuntimeException e) {
            opened.forEach(Llama::closeQuietly);
            throw e;
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuseUnknown(Weights weights, LlamaDecoder decoder) {
        Set<String> left = new TreeSet<>(weights.untaken());
        // Old checkpoints carry the rotary frequencies, which follow from the configuration; tied ones may repeat the
        // embedding.
        left.removeIf(name ->
                name.endsWith("rotary_emb.inv_freq") || (decoder.shape.tied() && name.equals("lm_head.weight")));
        if (!left.isEmpty()) {
            throw new FormatException(weights.source() + ": " + left.size()
                    + " weights that a LlamaForCausalLM of this configuration has no place for: "
                    + String.join(", ", left.stream().limit(5).toList())
                    + (left.size() > 5 ? ", ..." : "") + "; config.json and weights do not belong together");
        }
    }

    /** The feed-forward's gate function, by {@code hidden_act}. */
    private enum Activation {
        SILU,
        GELU,
        GELU_TANH;

        static Activation of(ModelConfig config) {
            String name = config.text("hidden_act", "silu");
            return switch (name) {
                case "silu", "swish" -> SILU;
                case "gelu" -> GELU;
                case "gelu_new", "gelu_fast", "gelu_pytorch_tanh" -> GELU_TANH;
                default ->
                    throw new UnsupportedModelException(config.source() + ": unknown hidden_act \"" + name
                            + "\"; known are silu, gelu, gelu_new, gelu_pytorch_tanh");
            };
        }

        Tensor of(Tensor x) {
            return switch (this) {
                case SILU -> torch.silu(x);
                case GELU -> torch.gelu(x);
                case GELU_TANH -> torch.gelu(x, "tanh");
            };
        }
    }

    /** The sizes and switches of {@code config.json}. */
    private record Shape(
            int vocabulary,
            int width,
            int inner,
            int layers,
            int heads,
            int keyValueHeads,
            int headWidth,
            int contextLength,
            double normEpsilon,
            boolean attentionBias,
            boolean mlpBias,
            boolean tied,
            Activation activation) {

        static Shape of(ModelConfig config) {
            int heads = positive(config, "num_attention_heads", config.integer("num_attention_heads"));
            int width = positive(config, "hidden_size", config.integer("hidden_size"));
            int keyValueHeads = positive(config, "num_key_value_heads", config.integer("num_key_value_heads", heads));
            int headWidth = positive(config, "head_dim", config.integer("head_dim", width / heads));
            if (heads % keyValueHeads != 0) {
                throw new FormatException(config.source() + ": \"num_attention_heads\" is " + heads
                        + "; expected a multiple of \"num_key_value_heads\" (" + keyValueHeads + ")");
            }
            if (headWidth % 2 != 0) {
                throw new FormatException(
                        config.source() + ": \"head_dim\" is " + headWidth + "; expected an even number");
            }
            return new Shape(
                    positive(config, "vocab_size", config.integer("vocab_size")),
                    width,
                    positive(config, "intermediate_size", config.integer("intermediate_size")),
                    positive(config, "num_hidden_layers", config.integer("num_hidden_layers")),
                    heads,
                    keyValueHeads,
                    headWidth,
                    positive(config, "max_position_embeddings", config.integer("max_position_embeddings", 2048)),
                    config.number("rms_norm_eps", 1e-6),
                    config.flag("attention_bias", false),
                    config.flag("mlp_bias", false),
                    config.flag("tie_word_embeddings", false),
                    Activation.of(config));
        }

        private static int positive(ModelConfig config, String key, int value) {
            if (value <= 0) {
                throw new FormatException(config.source() + ": \"" + key + "\" is " + value + "; expected 1 or more");
            }
            return value;
        }

        /** Query, key and value heads side by side. */
        int allHeads() {
            return heads + 2 * keyValueHeads;
        }
    }

    /** Reads parameters by their checkpoint names, and notes what it opened in case that reading fails half-way. */
    private record Loader(Weights weights, Shape shape, DType master, DType compute, List<AutoCloseable> opened) {

        Parameter parameter(String name, DType products, long... sizes) {
            try (var _ = NativeScope.open()) {
                Parameter parameter = new Parameter(name, weights.take(name, master, sizes), products);
                opened.add(parameter);
                return parameter;
            }
        }

        Projection projection(int inputs, boolean bias, Projection.Part... parts) {
            Projection projection = Projection.load(weights, master, compute, inputs, bias, parts);
            opened.addAll(projection.weights());
            opened.addAll(projection.biases());
            opened.add(projection);
            return projection;
        }

        Layer layer(int number) {
            String at = "model.layers." + number + ".";
            int queries = shape.heads() * shape.headWidth();
            int keys = shape.keyValueHeads() * shape.headWidth();
            return new Layer(
                    parameter(at + "input_layernorm.weight", DType.F32, shape.width()),
                    projection(
                            shape.width(),
                            shape.attentionBias(),
                            new Projection.Part(at + "self_attn.q_proj", queries),
                            new Projection.Part(at + "self_attn.k_proj", keys),
                            new Projection.Part(at + "self_attn.v_proj", keys)),
                    projection(
                            queries,
                            shape.attentionBias(),
                            new Projection.Part(at + "self_attn.o_proj", shape.width())),
                    parameter(at + "post_attention_layernorm.weight", DType.F32, shape.width()),
                    projection(
                            shape.width(),
                            shape.mlpBias(),
                            new Projection.Part(at + "mlp.gate_proj", shape.inner()),
                            new Projection.Part(at + "mlp.up_proj", shape.inner())),
                    projection(
                            shape.inner(), shape.mlpBias(), new Projection.Part(at + "mlp.down_proj", shape.width())));
        }
    }

    /** One block: attention and feed-forward, each behind a norm and added to the stream. */
    private record Layer(
            Parameter attentionNorm,
            Projection queryKeyValue,
            Projection output,
            Parameter feedForwardNorm,
            Projection gateUp,
            Projection down) {}

    /**
     * What one pass through the layers needs besides the weights.
     *
     * @param batch rows
     * @param tokens columns
     * @param mask added to attention scores, [B, 1, T, S], or {@code null}: then only the causal rule holds
     * @param cache what came before, or {@code null}: then the rows begin here
     */
    private record Pass(
            long batch,
            int tokens,
            Rope.Angles angles,
            @Nullable Tensor mask,
            @Nullable KvCache cache,
            boolean recording) {}

    private static final class LlamaDecoder implements Decoder {
        private final ModelConfig config;
        private final Shape shape;
        private final Rope rope;
        private final Parameter embedding;
        private final List<Layer> layers = new ArrayList<>();
        private final Parameter norm;
        private final Parameter head;
        private final DType compute;
        private final List<Parameter> parameters;

        LlamaDecoder(ModelConfig config, Shape shape, Rope rope, Loader loader) {
            this.config = config;
            this.shape = shape;
            this.rope = rope;
            this.compute = loader.compute();
            this.embedding = loader.parameter("model.embed_tokens.weight", compute, shape.vocabulary(), shape.width());
            for (int i = 0; i < shape.layers(); i++) {
                layers.add(loader.layer(i));
            }
            this.norm = loader.parameter("model.norm.weight", DType.F32, shape.width());
            this.head = shape.tied()
                    ? embedding
                    : loader.parameter("lm_head.weight", compute, shape.vocabulary(), shape.width());
            this.parameters = loader.opened().stream()
                    .filter(Parameter.class::isInstance)
                    .map(Parameter.class::cast)
                    .toList();
        }

        @Override
        public ModelConfig config() {
            return config;
        }

        @Override
        public List<Parameter> parameters() {
            return parameters;
        }

        @Override
        public int vocabularySize() {
            return shape.vocabulary();
        }

        @Override
        public int width() {
            return shape.width();
        }

        @Override
        public int contextLength() {
            return shape.contextLength();
        }

        @Override
        public KvCache cache(int rows, int capacity) {
            return new KvCache(shape.layers(), rows, shape.keyValueHeads(), shape.headWidth(), capacity);
        }

        @Override
        public Tensor hidden(Tensor tokens, @Nullable Tensor attention) {
            try (var scope = NativeScope.open()) {
                int length = Math.toIntExact(tokens.size(1));
                Rope.Angles angles = rope.first(length);
                Tensor mask = null;
                if (attention != null) {
                    Tensor positions = attention.cumsum(1).sub(new Scalar(1)).clamp_min(new Scalar(0));
                    angles = rope.at(positions, length);
                    Tensor unseen = attention.eq(new Scalar(0)).view(attention.size(0), 1, 1, length);
                    mask = future(length, length).masked_fill(unseen, new Scalar(KvCache.HIDDEN));
                }
                return scope.keep(
                        run(tokens, new Pass(tokens.size(0), length, angles, mask, null, GradMode.is_enabled())));
            }
        }

        @Override
        public Tensor hidden(Tensor tokens, KvCache cache) {
            if (GradMode.is_enabled()) {
                throw new IllegalStateException("a cache cannot be continued while gradients are recorded");
            }
            int length = Math.toIntExact(tokens.size(1));
            cache.reserve(tokens.size(0), length);
            try (var scope = NativeScope.open()) {
                int columns = cache.length() + length;
                Tensor mask = cache.mask(columns);
                Rope.Angles angles = mask == null
                        ? rope.range(cache.length(), length)
                        : rope.at(
                                cache.positions(length, shape.contextLength()),
                                Math.min(columns, shape.contextLength()));
                if (length > 1 && (mask != null || cache.length() > 0)) {
                    Tensor future = future(length, columns);
                    mask = mask == null ? future : future.add(mask);
                }
                Tensor hidden = run(tokens, new Pass(tokens.size(0), length, angles, mask, cache, false));
                cache.advance(length);
                return scope.keep(hidden);
            }
        }

        @Override
        public Tensor logits(Tensor hidden) {
            Tensor logits = torch.linear(hidden.to(compute.scalarType()), head.compute());
            return logits.to(DType.F32.scalarType());
        }

        /** Scores that hide what comes later from the last {@code tokens} of {@code columns} columns: [1, 1, T, S]. */
        private static Tensor future(int tokens, int columns) {
            Tensor all = torch.full(
                    new long[] {1, 1, tokens, columns}, new Scalar(KvCache.HIDDEN), Tensors.options(DType.F32));
            return all.triu(columns - tokens + 1L);
        }

        private Tensor run(Tensor tokens, Pass pass) {
            long rows = pass.batch() * pass.tokens();
            Tensor x = torch.embedding(embedding.value(), tokens.reshape(rows)).to(DType.F32.scalarType()); // [B*T, E]
            for (int i = 0; i < layers.size(); i++) {
                // Handles die with their layer: what the gradient needs is kept by the graph, all else is freed.
                try (var scope = NativeScope.open()) {
                    x = scope.keep(block(i, x, pass));
                }
            }
            return normed(x, norm).view(pass.batch(), pass.tokens(), shape.width());
        }

        private Tensor block(int number, Tensor x, Pass pass) {
            Layer layer = layers.get(number);
            Tensor heads = layer.queryKeyValue()
                    .apply(normed(x, layer.attentionNorm()))
                    .view(pass.batch(), pass.tokens(), shape.allHeads(), shape.headWidth());
            Tensor attended = pass.cache() == null
                    ? attend(heads, pass)
                    : attend(heads, number, pass, pass.cache()); // [B*T, H*D]
            Tensor middle = sum(x, layer.output().apply(attended), pass);
            Tensor both = layer.gateUp().apply(normed(middle, layer.feedForwardNorm())); // [B*T, 2F]
            TensorVector halves = both.split(shape.inner(), 1);
            Tensor gate = shape.activation().of(halves.get(0));
            Tensor up = halves.get(1);
            Tensor product = pass.recording() ? gate.mul(up) : gate.mul_(up);
            return sum(middle, layer.down().apply(product), pass);
        }

        private static Tensor sum(Tensor stream, Tensor addend, Pass pass) {
            return pass.recording() ? stream.add(addend) : stream.add_(addend);
        }

        private Tensor normed(Tensor x, Parameter weight) {
            return torch.rms_norm(
                    x,
                    new long[] {shape.width()},
                    Tensors.optional(weight.compute()),
                    new DoubleOptional(shape.normEpsilon()));
        }

        /** Rows that begin here. */
        private Tensor attend(Tensor heads, Pass pass) {
            long rotated = shape.heads() + (long) shape.keyValueHeads();
            TensorVector parts = heads.split_with_sizes(new long[] {rotated, shape.keyValueHeads()}, 2);
            TensorVector turned = Rope.rotate(parts.get(0), pass.angles())
                    .split_with_sizes(new long[] {shape.heads(), shape.keyValueHeads()}, 2);
            Tensor attended = attention(
                    turned.get(0).transpose(1, 2),
                    turned.get(1).transpose(1, 2),
                    parts.get(1).transpose(1, 2),
                    pass.mask(),
                    pass.mask() == null);
            return flat(attended, pass);
        }

        /** Rows that continue what is cached; writes keys and values behind it. */
        private Tensor attend(Tensor heads, int number, Pass pass, KvCache cache) {
            Rope.rotateInPlace(heads.narrow(2, 0, shape.heads() + (long) shape.keyValueHeads()), pass.angles());
            cache.append(number, heads.narrow(2, shape.heads(), 2L * shape.keyValueHeads()));
            Tensor queries = heads.narrow(2, 0, shape.heads());
            Tensor keys = cache.keys(number, pass.tokens());
            Tensor values = cache.values(number, pass.tokens());
            if (pass.tokens() > 1) {
                boolean fresh = cache.length() == 0 && pass.mask() == null;
                return flat(attention(queries.transpose(1, 2), keys, values, pass.mask(), fresh), pass);
            }
            // The heads that share a key stand as so many query positions of it: no key is repeated.
            Tensor grouped = queries.view(
                    pass.batch(), shape.keyValueHeads(), shape.heads() / shape.keyValueHeads(), shape.headWidth());
            return attention(grouped, keys, values, pass.mask(), false)
                    .reshape(pass.batch(), (long) shape.heads() * shape.headWidth());
        }

        private Tensor flat(Tensor attended, Pass pass) {
            return attended.transpose(1, 2)
                    .reshape(pass.batch() * pass.tokens(), (long) shape.heads() * shape.headWidth());
        }

        private static Tensor attention(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
            boolean grouped = q.size(1) != k.size(1);
            return torch.scaled_dot_product_attention(
                    q,
                    k,
                    v,
                    mask == null ? new TensorOptional() : new TensorOptional(mask),
                    0.0,
                    causal,
                    new DoubleOptional(),
                    grouped);
        }

        @Override
        public void close() {
            for (Layer layer : layers) {
                for (Projection projection :
                        List.of(layer.queryKeyValue(), layer.output(), layer.gateUp(), layer.down())) {
                    projection.close();
                }
            }
            parameters.forEach(Parameter::close);
            rope.close();
        }
    }
}
