package org.reft4j.model.decoder.adapters;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.layers.KvCache;
import org.reft4j.model.decoder.layers.LowRank;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.decoder.layers.Projection;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Decoder with an adapter, or without. Several of them may share one set of base weights: each activates its own adapter before it
 * computes, so that a policy and its reference need one copy of the model.
 */
public final class AdaptedDecoder implements Decoder {
    private final Decoder base;
    private final AdapterSlots slots;
    private final @Nullable Adapter adapter;
    private final boolean owner;

    private AdaptedDecoder(Decoder base, AdapterSlots slots, @Nullable Adapter adapter, boolean owner) {
        this.base = base;
        this.slots = slots;
        this.adapter = adapter;
        this.owner = owner;
    }

    /** Puts an adapter on a decoder, or none yet; owns both. */
    static AdaptedDecoder of(Decoder base, AdapterSlots slots, @Nullable Adapter adapter) {
        return new AdaptedDecoder(base, slots, adapter, true);
    }

    /** Returns a decoder of the same base weights without an adapter. Closing it closes nothing; not to be used after this one is closed. */
    public Decoder bare() {
        return new AdaptedDecoder(base, slots, null, false);
    }

    /** Returns a decoder of the same base weights with another adapter. Closing it closes its adapter alone; not to be used after this one. */
    AdaptedDecoder beside(Adapter other) {
        return new AdaptedDecoder(base, slots, other, false);
    }

    AdapterSlots slots() {
        return slots;
    }

    /**
     * Merges the adapter into the base weights, and closes it. This decoder must not be used afterwards.
     *
     * @return the base, owned by the caller
     * @throws FormatException if the adapter parts an output layer from the embedding that it is tied to: one weight cannot be both
     */
    public Decoder merged() {
        Adapter own = adapter;
        if (own == null || !owner) {
            throw new IllegalStateException("only the decoder that owns base and adapter can merge them");
        }
        slots.wear(null);
        refuseTied(own);
        try (var _ = NativeScope.open()) {
            for (LowRank layer : own.layers()) {
                try (var _ = NativeScope.open()) {
                    Parameter weight = slots.layer(layer.module()).weight();
                    Tensor product = torch.mm(
                                    layer.b().value().detach(),
                                    layer.a().value().detach())
                            .mul(Tensors.scalar(layer.scale())); // [outputs, inputs]
                    Tensor difference = slots.layer(layer.module()).projection().inputsFirst() ? product.t() : product;
                    weight.value()
                            .detach()
                            .copy_(weight.value()
                                    .detach()
                                    .to(DType.F32.scalarType())
                                    .add(difference));
                    weight.changed();
                }
            }
            for (Parameter replacement : own.replaced()) {
                Parameter weight = slots.place(replacement);
                weight.value().detach().copy_(replacement.value().detach());
                weight.changed();
            }
        }
        own.close();
        return base;
    }

    /** Refuses to merge an adapter that changes the output layer or the embedding alone where both are one weight. */
    private void refuseTied(Adapter own) {
        List<String> names = base.parameters().stream().map(Parameter::name).toList();
        boolean tied = !names.contains(slots.head() + ".weight");
        boolean apart = own.layers().stream().anyMatch(layer -> layer.module().equals(slots.head()))
                || own.replaced().stream().anyMatch(p -> p.name().equals(slots.head() + ".weight"))
                || own.replaced().stream()
                        .anyMatch(p -> slots.layers().values().stream()
                                        .noneMatch(slot -> slot.weight().name().equals(p.name()))
                                && p.value().dim() == 2
                                && p.value().size(0) == base.vocabularySize());
        if (tied && apart) {
            throw new FormatException(
                    own.config().source() + ": the adapter changes embedding or output layer alone, which "
                            + base.config().source()
                            + " ties to each other (tie_word_embeddings): they cannot be merged into one weight. Use base and adapter as they are");
        }
    }

    /** The active adapter; empty for the {@link #bare} base weights. */
    public Optional<Adapter> adapter() {
        return Optional.ofNullable(adapter);
    }

    @Override
    public List<Parameter> trained() {
        return adapter == null ? base.parameters() : adapter.parameters();
    }

    @Override
    public ModelConfig config() {
        return base.config();
    }

    @Override
    public List<Parameter> parameters() {
        return base.parameters();
    }

    @Override
    public List<Projection> projections() {
        return base.projections();
    }

    @Override
    public Place place() {
        return base.place();
    }

    @Override
    public int vocabularySize() {
        return base.vocabularySize();
    }

    @Override
    public int width() {
        return base.width();
    }

    @Override
    public int contextLength() {
        return base.contextLength();
    }

    @Override
    public Tensor hidden(Tensor tokens, @Nullable Tensor attention) {
        slots.wear(adapter);
        return base.hidden(tokens, attention);
    }

    @Override
    public Tensor hidden(Rows rows) {
        slots.wear(adapter);
        return base.hidden(rows);
    }

    @Override
    public Stages stages(Rows rows) {
        Stages stages = base.stages(rows);
        return new Stages() {
            @Override
            public int layers() {
                return stages.layers();
            }

            @Override
            public Tensor embed() {
                slots.wear(adapter);
                return stages.embed();
            }

            @Override
            public Tensor layer(int number, Tensor stream) {
                slots.wear(adapter);
                return stages.layer(number, stream);
            }

            @Override
            public Tensor finish(Tensor stream) {
                slots.wear(adapter);
                return stages.finish(stream);
            }
        };
    }

    @Override
    public Tensor hidden(Tensor tokens, KvCache cache) {
        slots.wear(adapter);
        return base.hidden(tokens, cache);
    }

    @Override
    public Tensor logits(Tensor hidden) {
        slots.wear(adapter);
        return base.logits(hidden);
    }

    @Override
    public KvCache cache(int rows, int capacity) {
        return base.cache(rows, capacity);
    }

    @Override
    public void close() {
        slots.wear(null);
        if (adapter != null) {
            adapter.close();
        }
        if (owner) {
            base.close();
        }
    }
}
