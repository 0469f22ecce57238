package org.reft4j.model.decoder;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.NativeScope;

/** The decoder of every family: an embedding, layers one behind the other, a norm and an output matrix. */
final class LayeredDecoder implements Decoder {
    private final ModelConfig config;
    private final ModelSizes sizes;
    private final Parts parts;
    private final List<AutoCloseable> opened;
    private final List<Parameter> parameters;
    private final List<Projection> projections;

    /**
     * What makes a family's decoder.
     *
     * @param sights those of the layers, in any order
     * @param norm before the output
     * @param head scores of the vocabulary from the last hidden state; the last projection that was opened
     */
    record Parts(Embedding embedding, List<Sight> sights, List<Layer> layers, Norm norm, Projection head) {}

    /** @param opened what to close at the end; the parameters among it are the decoder's, in this order */
    LayeredDecoder(ModelConfig config, ModelSizes sizes, Parts parts, List<AutoCloseable> opened) {
        this.config = config;
        this.sizes = sizes;
        this.parts = parts;
        this.opened = List.copyOf(opened);
        this.parameters = opened.stream()
                .filter(Parameter.class::isInstance)
                .map(Parameter.class::cast)
                .toList();
        this.projections = opened.stream()
                .filter(Projection.class::isInstance)
                .map(Projection.class::cast)
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
    public List<Projection> projections() {
        return projections;
    }

    @Override
    public int vocabularySize() {
        return sizes.vocabulary();
    }

    @Override
    public int width() {
        return sizes.width();
    }

    @Override
    public int contextLength() {
        return sizes.contextLength();
    }

    @Override
    public KvCache cache(int rows, int capacity) {
        return new KvCache(sizes.layers(), rows, sizes.keyValueHeads(), sizes.headWidth(), capacity);
    }

    @Override
    public Tensor hidden(Tensor tokens, @Nullable Tensor attention) {
        try (var scope = NativeScope.open()) {
            int length = Math.toIntExact(tokens.size(1));
            Positions positions = attention == null ? Positions.range(0, length) : Positions.under(attention);
            Pass pass = beginning(
                    tokens,
                    positions,
                    sight -> attention == null ? sight.whole(positions) : sight.whole(positions, attention));
            return scope.keep(run(tokens, positions, pass));
        }
    }

    /** Of rows that begin here. */
    private Pass beginning(Tensor tokens, Positions positions, Function<Sight, Sight.Seen> sees) {
        return Pass.of(tokens.size(0), positions.tokens(), parts.sights(), sees, null, GradMode.is_enabled());
    }

    @Override
    public Tensor hidden(Rows rows) {
        try (var scope = NativeScope.open()) {
            Positions positions = Positions.of(rows);
            return scope.keep(run(rows.tokens(), positions, beginning(rows, positions)));
        }
    }

    private Pass beginning(Rows rows, Positions positions) {
        Rows.Sharing sharing = rows.sharing();
        return beginning(
                rows.tokens(),
                positions,
                sight -> sharing == null ? sight.whole(positions) : sight.whole(positions, sharing));
    }

    @Override
    public Stages stages(Rows rows) {
        Positions positions = Positions.of(rows);
        return new Cut(parts, rows.tokens(), positions, beginning(rows, positions));
    }

    @Override
    public Tensor hidden(Tensor tokens, KvCache cache) {
        if (GradMode.is_enabled()) {
            throw new IllegalStateException("a cache cannot be continued while gradients are recorded");
        }
        int length = Math.toIntExact(tokens.size(1));
        cache.reserve(tokens.size(0), length);
        try (var scope = NativeScope.open()) {
            Positions positions = cache.padded()
                    ? Positions.behind(cache, length, sizes.contextLength())
                    : Positions.range(cache.length(), length);
            Pass pass = Pass.of(
                    tokens.size(0), length, parts.sights(), sight -> sight.behind(cache, positions), cache, false);
            Tensor hidden = run(tokens, positions, pass);
            cache.advance(length);
            return scope.keep(hidden);
        }
    }

    private Tensor run(Tensor tokens, Positions positions, Pass pass) {
        Tensor x = parts.embedding().of(tokens, positions);
        for (Layer layer : parts.layers()) {
            // Handles die with their layer: what the gradient needs is kept by the graph, all else is freed.
            try (var scope = NativeScope.open()) {
                x = scope.keep(layer.of(x, pass));
            }
        }
        return parts.norm().of(x).view(pass.batch(), pass.tokens(), sizes.width());
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return parts.head().apply(hidden);
    }

    @Override
    public void close() {
        opened.forEach(Loader::closeQuietly);
    }

    /** One pass cut between its layers; lives in the scope that the tokens live in. */
    private record Cut(Parts parts, Tensor tokens, Positions positions, Pass pass) implements Stages {
        @Override
        public int layers() {
            return parts.layers().size();
        }

        @Override
        public Tensor embed() {
            return parts.embedding().of(tokens, positions);
        }

        @Override
        public Tensor layer(int number, Tensor stream) {
            return parts.layers().get(number).of(stream, pass.recorded(GradMode.is_enabled()));
        }

        @Override
        public Tensor finish(Tensor stream) {
            return parts.norm().of(stream);
        }
    }
}
