package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.BlasThreads;
import org.reft4j.tensor.Place;

/**
 * Causal attention over heads, several of which may share keys and values (Ainslie et al. 2023, arXiv:2305.13245). Reads and writes the
 * cache of its layer.
 */
public final class Attention {
    /** Largest blocks that libtorch cuts attention into (aten/src/ATen/native/cpu/FlashAttentionKernel.cpp). */
    private static final long QUERY_BLOCK = 256;

    private static final long KEY_BLOCK = 512;

    private final int number;
    private final Heads counts;
    private final Projection queryKeyValue;
    private final Projection output;
    private final AttentionType type;
    private final HeadOrder order;
    private final @Nullable Double scale;

    /**
     * Numbers of heads and their width.
     *
     * @param queries query heads, {@code H}
     * @param keyValues key and value heads, {@code Hkv}
     * @param width {@code D}
     */
    public record Heads(int queries, int keyValues, int width) {}

    /** Reorders the query-key-value product into query, key, value heads, each head in one piece: [B, T, H + 2 Hkv, D] to the same. */
    public interface HeadOrder {
        /** Keeps the order of the product. */
        HeadOrder GIVEN = heads -> heads;

        Tensor apply(Tensor heads);
    }

    /** @param number index of the layer, also its index in the cache */
    public Attention(int number, Heads counts, Projection queryKeyValue, Projection output, AttentionType type) {
        this(number, counts, queryKeyValue, output, type, HeadOrder.GIVEN, null);
    }

    private Attention(
            int number,
            Heads counts,
            Projection queryKeyValue,
            Projection output,
            AttentionType type,
            HeadOrder order,
            @Nullable Double scale) {
        this.number = number;
        this.counts = counts;
        this.queryKeyValue = queryKeyValue;
        this.output = output;
        this.type = type;
        this.order = order;
        this.scale = scale;
    }

    /** Returns a copy that scales scores by the given number instead of one over the root of the head width. */
    public Attention scaled(double by) {
        return new Attention(number, counts, queryKeyValue, output, type, order, by);
    }

    /** Returns a copy that reorders the query-key-value product. */
    public Attention ordered(HeadOrder by) {
        return new Attention(number, counts, queryKeyValue, output, type, by, scale);
    }

    /** Returns a copy that normalises each query head and each key head. */
    public Attention normed(Norm queries, Norm keys) {
        long[] parts = {counts.queries(), counts.keyValues(), counts.keyValues()};
        return ordered(heads -> {
            TensorVector apart = heads.split_with_sizes(parts, 2);
            return torch.cat(
                    new TensorVector(queries.forward(apart.get(0)), keys.forward(apart.get(1)), apart.get(2)), 2);
        });
    }

    /** Forward pass: float32 [B*T, E] to the same. Heads are turned in float32, and attend in the place's type of attention. */
    public Tensor forward(Tensor x, LayerInput input) {
        Tensor heads = order.apply(queryKeyValue
                .forward(x)
                .view(input.batch(), input.tokens(), counts.queries() + 2L * counts.keyValues(), counts.width()));
        LayerInput.AttentionInput attention = input.attention(type);
        KvCache cache = input.cache();
        return output.forward(cache == null ? begin(heads, attention, input) : resume(heads, attention, input, cache));
    }

    /** Attention of rows without a past. */
    private Tensor begin(Tensor heads, LayerInput.AttentionInput attention, LayerInput input) {
        long turning = counts.queries() + (long) counts.keyValues();
        TensorVector parts = heads.split_with_sizes(new long[] {turning, counts.keyValues()}, 2);
        Rope.Angles angles = attention.angles();
        AttentionMask mask = attention.mask();
        Tensor turned = angles == null ? parts.get(0) : Rope.rotate(parts.get(0), angles);
        TensorVector apart = turned.split_with_sizes(new long[] {counts.queries(), counts.keyValues()}, 2);
        Tensor attended = attend(
                input.place(),
                apart.get(0).transpose(1, 2),
                apart.get(1).transpose(1, 2),
                parts.get(1).transpose(1, 2),
                mask.scores(),
                mask.scores() == null);
        return flat(attended, input);
    }

    /** Attention of rows whose past is cached; appends their keys and values. */
    private Tensor resume(Tensor heads, LayerInput.AttentionInput attention, LayerInput input, KvCache cache) {
        Rope.Angles angles = attention.angles();
        AttentionMask mask = attention.mask();
        if (angles != null) {
            Tensor turning = heads.narrow(2, 0, counts.queries() + (long) counts.keyValues());
            if (input.place().isHost()) {
                Rope.rotateInPlace(turning, angles);
            } else {
                // Kernels of devices without one of their own, such as the pretended one, write parts of tensors by
                // copies
                // alone.
                turning.copy_(Rope.rotate(turning, angles));
            }
        }
        cache.append(number, heads.narrow(2, counts.queries(), 2L * counts.keyValues()));
        Tensor queries = heads.narrow(2, 0, counts.queries());
        Tensor keys = from(mask.first(), cache.keys(number, input.tokens()));
        Tensor values = from(mask.first(), cache.values(number, input.tokens()));
        if (input.tokens() > 1) {
            boolean fresh = cache.length() == 0 && mask.scores() == null;
            return flat(attend(input.place(), queries.transpose(1, 2), keys, values, mask.scores(), fresh), input);
        }
        // Query heads that share a key become query positions of that key, so that no key is copied.
        Tensor grouped =
                queries.view(input.batch(), counts.keyValues(), counts.queries() / counts.keyValues(), counts.width());
        return attend(input.place(), grouped, keys, values, mask.scores(), false)
                .reshape(input.batch(), (long) counts.queries() * counts.width());
    }

    private static Tensor from(int column, Tensor cached) {
        return column == 0 ? cached : cached.narrow(2, column, cached.size(2) - column);
    }

    private Tensor flat(Tensor attended, LayerInput input) {
        return attended.transpose(1, 2)
                .reshape(input.batch() * input.tokens(), (long) counts.queries() * counts.width());
    }

    private Tensor attend(Place place, Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        if (!place.isHost()) {
            return attendOnDevice(place, q, k, v, mask, causal);
        }
        long block = Math.min(QUERY_BLOCK, q.size(2)) * Math.min(KEY_BLOCK, k.size(2)) * q.size(3);
        try (BlasThreads.Single threads = BlasThreads.single(block)) {
            Tensor attended = product(q, k, v, mask, causal);
            threads.alsoBackward(attended, q, k, v);
            return attended;
        }
    }

    /**
     * On a device, without the processor's threads, whose hooks would run on the thread of the backward pass. Under a mask no fast kernel
     * takes heads that share keys, so that each query head gets its own.
     */
    private Tensor attendOnDevice(Place place, Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        ScalarType type = place.attention().scalarType();
        boolean apart = mask != null && q.size(1) != k.size(1);
        return product(
                q.to(type),
                apart ? perQuery(k.to(type), q.size(1)) : k.to(type),
                apart ? perQuery(v.to(type), q.size(1)) : v.to(type),
                mask,
                causal);
    }

    /** Each head as often as query heads share it: [B, Hkv, S, D] to [B, H, S, D]. */
    private static Tensor perQuery(Tensor heads, long queries) {
        return heads.repeat_interleave(queries / heads.size(1), new LongOptional(1), new LongOptional());
    }

    private Tensor product(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        return torch.scaled_dot_product_attention(
                q,
                k,
                v,
                mask == null ? new TensorOptional() : new TensorOptional(mask),
                0.0,
                causal,
                scale == null ? new DoubleOptional() : new DoubleOptional(scale),
                q.size(1) != k.size(1));
    }
}
