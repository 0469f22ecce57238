package org.reft4j.model.decoder;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.BlasThreads;

/**
 * Causal attention over heads, several of which may share keys and values (Ainslie et al. 2023, arXiv:2305.13245). Reads and writes the
 * cache of its layer.
 */
final class Attention {
    /** As libtorch cuts attention at most (aten/src/ATen/native/cpu/FlashAttentionKernel.cpp). */
    private static final long QUERY_BLOCK = 256;

    private static final long KEY_BLOCK = 512;

    private final int number;
    private final ModelSizes sizes;
    private final Projection queryKeyValue;
    private final Projection output;
    private final Sight sight;
    private final HeadOrder order;
    private final @Nullable Double scale;

    /** What brings a product into the order query, key, value heads, each head in one piece: [B, T, H + 2 Hkv, D] to the same. */
    interface HeadOrder {
        /** The product has this order already. */
        HeadOrder GIVEN = heads -> heads;

        Tensor of(Tensor heads);
    }

    /** @param number of the layer, which is its place in the cache */
    Attention(int number, ModelSizes sizes, Projection queryKeyValue, Projection output, Sight sight) {
        this(number, sizes, queryKeyValue, output, sight, HeadOrder.GIVEN, null);
    }

    private Attention(
            int number,
            ModelSizes sizes,
            Projection queryKeyValue,
            Projection output,
            Sight sight,
            HeadOrder order,
            @Nullable Double scale) {
        this.number = number;
        this.sizes = sizes;
        this.queryKeyValue = queryKeyValue;
        this.output = output;
        this.sight = sight;
        this.order = order;
        this.scale = scale;
    }

    /** The same, with scores multiplied by another number than one over the root of the head's width. */
    Attention scaled(double by) {
        return new Attention(number, sizes, queryKeyValue, output, sight, order, by);
    }

    /** The same, where the product must be brought into order. */
    Attention ordered(HeadOrder by) {
        return new Attention(number, sizes, queryKeyValue, output, sight, by, scale);
    }

    /** The same, where queries and keys go through a norm of their own, head by head. */
    Attention normed(Norm queries, Norm keys) {
        long[] parts = {sizes.heads(), sizes.keyValueHeads(), sizes.keyValueHeads()};
        return ordered(heads -> {
            TensorVector apart = heads.split_with_sizes(parts, 2);
            return torch.cat(new TensorVector(queries.of(apart.get(0)), keys.of(apart.get(1)), apart.get(2)), 2);
        });
    }

    /** Float32 [B*T, E] to the same. */
    Tensor of(Tensor x, Pass pass) {
        Tensor heads = order.of(queryKeyValue
                .apply(x)
                .view(pass.batch(), pass.tokens(), sizes.heads() + 2L * sizes.keyValueHeads(), sizes.headWidth()));
        Sight.Seen seen = pass.seen(sight);
        KvCache cache = pass.cache();
        return output.apply(cache == null ? begin(heads, seen, pass) : resume(heads, seen, pass, cache));
    }

    /** Rows that begin here. */
    private Tensor begin(Tensor heads, Sight.Seen seen, Pass pass) {
        long turning = sizes.heads() + (long) sizes.keyValueHeads();
        TensorVector parts = heads.split_with_sizes(new long[] {turning, sizes.keyValueHeads()}, 2);
        Rope.Angles angles = seen.angles();
        Tensor turned = angles == null ? parts.get(0) : Rope.rotate(parts.get(0), angles);
        TensorVector apart = turned.split_with_sizes(new long[] {sizes.heads(), sizes.keyValueHeads()}, 2);
        Tensor attended = attend(
                apart.get(0).transpose(1, 2),
                apart.get(1).transpose(1, 2),
                parts.get(1).transpose(1, 2),
                seen.mask(),
                seen.mask() == null);
        return flat(attended, pass);
    }

    /** Rows that continue what is cached; writes keys and values behind it. */
    private Tensor resume(Tensor heads, Sight.Seen seen, Pass pass, KvCache cache) {
        Rope.Angles angles = seen.angles();
        if (angles != null) {
            Rope.rotateInPlace(heads.narrow(2, 0, sizes.heads() + (long) sizes.keyValueHeads()), angles);
        }
        cache.append(number, heads.narrow(2, sizes.heads(), 2L * sizes.keyValueHeads()));
        Tensor queries = heads.narrow(2, 0, sizes.heads());
        Tensor keys = from(seen.first(), cache.keys(number, pass.tokens()));
        Tensor values = from(seen.first(), cache.values(number, pass.tokens()));
        if (pass.tokens() > 1) {
            boolean fresh = cache.length() == 0 && seen.mask() == null;
            return flat(attend(queries.transpose(1, 2), keys, values, seen.mask(), fresh), pass);
        }
        // The heads that share a key stand as so many query positions of it: no key is repeated.
        Tensor grouped = queries.view(
                pass.batch(), sizes.keyValueHeads(), sizes.heads() / sizes.keyValueHeads(), sizes.headWidth());
        return attend(grouped, keys, values, seen.mask(), false)
                .reshape(pass.batch(), (long) sizes.heads() * sizes.headWidth());
    }

    private static Tensor from(int column, Tensor cached) {
        return column == 0 ? cached : cached.narrow(2, column, cached.size(2) - column);
    }

    private Tensor flat(Tensor attended, Pass pass) {
        return attended.transpose(1, 2).reshape(pass.batch() * pass.tokens(), (long) sizes.heads() * sizes.headWidth());
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        boolean grouped = q.size(1) != k.size(1);
        long block = Math.min(QUERY_BLOCK, q.size(2)) * Math.min(KEY_BLOCK, k.size(2)) * q.size(3);
        try (BlasThreads.Single threads = BlasThreads.single(block)) {
            Tensor attended = torch.scaled_dot_product_attention(
                    q,
                    k,
                    v,
                    mask == null ? new TensorOptional() : new TensorOptional(mask),
                    0.0,
                    causal,
                    scale == null ? new DoubleOptional() : new DoubleOptional(scale),
                    grouped);
            threads.alsoBackward(attended, q, k, v);
            return attended;
        }
    }
}
