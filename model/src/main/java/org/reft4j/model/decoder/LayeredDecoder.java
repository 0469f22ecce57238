package org.reft4j.model.decoder;

import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.Layer;
import org.reft4j.model.decoder.layers.LayerInput;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.decoder.layers.SharedPrompt;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;

/** Decoder of every model family: an embedding, a stack of layers, a final norm and an output layer. */
final class LayeredDecoder implements Decoder {
    private final ModelConfig config;
    private final ModelSizes sizes;
    private final Place place;
    private final Loader.Parts parts;
    private final List<AutoCloseable> opened;
    private final List<Parameter> parameters;
    private final List<Projection> projections;

    /** @param opened resources to close with the decoder; the parameters among them are the decoder's, in this order */
    LayeredDecoder(ModelConfig config, ModelSizes sizes, Place place, Loader.Parts parts, List<AutoCloseable> opened) {
        this.config = config;
        this.sizes = sizes;
        this.place = place;
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
    public Place place() {
        return place;
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
        return new KvCache(place, sizes.layers(), rows, sizes.keyValueHeads(), sizes.headWidth(), capacity);
    }

    @Override
    public Tensor hidden(Tensor tokens, @Nullable Tensor attention) {
        try (var scope = NativeScope.open()) {
            LayerInput input = attention == null
                    ? LayerInput.whole(place, tokens, parts.attentionTypes())
                    : LayerInput.padded(place, tokens, attention, parts.attentionTypes());
            return scope.keep(forward(tokens, input));
        }
    }

    @Override
    public Tensor hidden(Rows rows) {
        try (var scope = NativeScope.open()) {
            return scope.keep(forward(rows.tokens(), input(rows)));
        }
    }

    private LayerInput input(Rows rows) {
        requireKnown(rows.highest());
        SharedPrompt sharing = rows.sharing();
        return sharing == null
                ? LayerInput.whole(place, rows.tokens(), parts.attentionTypes())
                : LayerInput.shared(place, rows.tokens(), sharing, parts.attentionTypes());
    }

    @Override
    public Stages stages(Rows rows) {
        return new Staged(parts, rows.tokens(), input(rows));
    }

    @Override
    public Tensor hidden(Tensor tokens, KvCache cache) {
        if (GradMode.is_enabled()) {
            throw new IllegalStateException("a cache cannot be continued while gradients are recorded");
        }
        int length = Math.toIntExact(tokens.size(1));
        cache.reserve(tokens.size(0), length);
        try (var scope = NativeScope.open()) {
            LayerInput input = LayerInput.cached(place, tokens, cache, sizes.contextLength(), parts.attentionTypes());
            Tensor hidden = forward(tokens, input);
            cache.advance(length);
            return scope.keep(hidden);
        }
    }

    /** A device finds out too late that a token is not in the embedding, and cannot be used afterwards. */
    private void requireKnown(long highest) {
        if (highest >= sizes.vocabulary()) {
            throw new IllegalArgumentException("token " + highest + " is not among the model's " + sizes.vocabulary());
        }
    }

    private Tensor forward(Tensor tokens, LayerInput input) {
        Tensor x = parts.embedding().forward(tokens, input);
        for (Layer layer : parts.layers()) {
            // Frees the temporary tensors of a layer; the graph keeps those that the gradient needs.
            try (var scope = NativeScope.open()) {
                x = scope.keep(layer.forward(x, input));
            }
        }
        return parts.norm().forward(x).view(input.batch(), input.tokens(), sizes.width());
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return parts.head().forward(hidden);
    }

    @Override
    public void close() {
        opened.forEach(Loader::closeQuietly);
    }

    /** Forward pass in stages; lives in the scope that the tokens live in. */
    private record Staged(Loader.Parts parts, Tensor tokens, LayerInput input) implements Stages {
        @Override
        public int layers() {
            return parts.layers().size();
        }

        @Override
        public Tensor embed() {
            return parts.embedding().forward(tokens, input);
        }

        @Override
        public Tensor layer(int number, Tensor stream) {
            return parts.layers().get(number).forward(stream, input.recorded(GradMode.is_enabled()));
        }

        @Override
        public Tensor finish(Tensor stream) {
            return parts.norm().forward(stream);
        }
    }
}
