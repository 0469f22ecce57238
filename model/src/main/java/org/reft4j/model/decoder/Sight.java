package org.reft4j.model.decoder;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Tensors;

/**
 * How far the attention of a layer sees, and how it tells positions apart. Layers of one kind share one.
 *
 * @param rope what turns queries and keys, or {@code null}: nothing does
 * @param window a token sees itself and what stands less than this many columns before it
 */
record Sight(@Nullable Rope rope, int window) {
    /** The window of a layer that sees everything before it. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /**
     * What one pass needs of a sight.
     *
     * @param angles of the tokens, or {@code null} where nothing turns
     * @param first the first column that any of the tokens can see
     * @param mask added to attention scores, [B, 1, T, S] with S the columns from {@code first} on, or {@code null}: then only the
     *     causal rule holds
     */
    record Seen(
            Rope.@Nullable Angles angles,
            int first,
            @Nullable Tensor mask) {}

    static Sight unbounded(@Nullable Rope rope) {
        return new Sight(rope, UNBOUNDED);
    }

    /** Rows that begin here, right padded or full. */
    Seen whole(Positions positions) {
        int tokens = positions.tokens();
        return new Seen(angles(positions), 0, window < tokens ? hidden(tokens, tokens) : null);
    }

    /**
     * Rows that begin here.
     *
     * @param attention int64 [B, T], 1 where a token counts
     */
    Seen whole(Positions positions, Tensor attention) {
        int tokens = positions.tokens();
        Tensor unseen = attention.eq(new Scalar(0)).view(attention.size(0), 1, 1, tokens);
        Tensor mask = hidden(tokens, tokens).masked_fill(unseen, new Scalar(KvCache.HIDDEN));
        return new Seen(angles(positions), 0, mask);
    }

    /** Rows that begin here, several completions behind one prompt: each sees the prompt and itself, as far as the window lets it. */
    Seen whole(Positions positions, Rows.Sharing sharing) {
        int tokens = positions.tokens();
        Tensor mine = sharing.segments().unsqueeze(1).unsqueeze(3); // [B, 1, T, 1]
        Tensor theirs = sharing.segments().unsqueeze(1).unsqueeze(1); // [B, 1, 1, T]
        Tensor hidden = theirs.ne(new Scalar(0)).logical_and(theirs.ne(mine));
        if (window < tokens) {
            Tensor distance = sharing.places()
                    .unsqueeze(1)
                    .unsqueeze(3)
                    .sub(sharing.places().unsqueeze(1).unsqueeze(1));
            hidden = hidden.logical_or(distance.ge(new Scalar(window)));
        }
        Tensor causal = torch.full(
                        new long[] {1, 1, tokens, tokens}, new Scalar(KvCache.HIDDEN), Tensors.options(DType.F32))
                .triu(1);
        return new Seen(angles(positions), 0, causal.masked_fill(hidden, new Scalar(KvCache.HIDDEN)));
    }

    /** Rows whose past is in the cache. Columns that no token of the pass can see any more are left out. */
    Seen behind(KvCache cache, Positions positions) {
        int tokens = positions.tokens();
        int columns = cache.length() + tokens;
        int first = (int) Math.max(0, columns - ((long) window + tokens - 1));
        Tensor mask = cache.mask(columns);
        if (mask != null && first > 0) {
            mask = mask.narrow(3, first, (long) columns - first);
        }
        if (tokens > 1 && (mask != null || cache.length() > 0 || window < tokens)) {
            Tensor hidden = hidden(tokens, columns - first);
            mask = mask == null ? hidden : hidden.add(mask);
        }
        return new Seen(angles(positions), first, mask);
    }

    private Rope.@Nullable Angles angles(Positions positions) {
        return rope == null ? null : rope.at(positions);
    }

    /** Scores that hide what comes later, or before the window, from the last {@code tokens} of the columns: [1, 1, T, S]. */
    private Tensor hidden(int tokens, int columns) {
        Tensor all =
                torch.full(new long[] {1, 1, tokens, columns}, new Scalar(KvCache.HIDDEN), Tensors.options(DType.F32));
        Tensor future = all.triu(columns - tokens + 1L);
        return window < columns ? future.add(all.tril((long) columns - tokens - window)) : future;
    }
}
