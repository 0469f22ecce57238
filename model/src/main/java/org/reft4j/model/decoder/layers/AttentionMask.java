package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Additive attention mask of one forward pass, in the type of attention. Belongs to the scope that it was made in.
 *
 * @param first the first column that any of the tokens can see
 * @param scores added to attention scores, [B, 1, T, S] with S the columns from {@code first} on, or {@code null}: then only the
 *     causal rule holds
 */
record AttentionMask(int first, @Nullable Tensor scores) {
    /** Added to the score of a column that must not be seen: its weight underflows to 0, and no sum becomes NaN as with infinity. */
    static final float HIDDEN = -1e9f;

    /**
     * Mask of rows without a past, right padded or full.
     *
     * @param window see {@link AttentionType}
     */
    static AttentionMask causal(Place place, int tokens, int window) {
        return new AttentionMask(0, window < tokens ? band(place, tokens, tokens, window) : null);
    }

    /**
     * Mask of rows without a past, left padded.
     *
     * @param attention int64 [B, T], 1 where a token counts
     */
    static AttentionMask padded(Place place, Tensor attention, int window) {
        int tokens = Math.toIntExact(attention.size(1));
        Tensor unseen = attention.eq(new Scalar(0)).view(attention.size(0), 1, 1, tokens);
        return new AttentionMask(0, band(place, tokens, tokens, window).masked_fill(unseen, new Scalar(HIDDEN)));
    }

    /** Mask of rows with several completions after one prompt: each sees the prompt and itself, as far as the window lets it. */
    static AttentionMask shared(Place place, SharedPrompt sharing, int window) {
        int tokens = Math.toIntExact(sharing.segments().size(1));
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
        Tensor causal = Tensors.full(place, place.attention(), HIDDEN, 1, 1, tokens, tokens)
                .triu(1);
        return new AttentionMask(0, causal.masked_fill(hidden, new Scalar(HIDDEN)));
    }

    /** Mask of the next tokens of rows whose past is in the cache. Columns that none of them can see any more are left out. */
    static AttentionMask cached(Place place, KvCache cache, int tokens, int window) {
        int columns = cache.length() + tokens;
        int first = (int) Math.max(0, columns - ((long) window + tokens - 1));
        Tensor mask = cache.mask(columns);
        if (mask != null && first > 0) {
            mask = mask.narrow(3, first, (long) columns - first);
        }
        if (tokens > 1 && (mask != null || cache.length() > 0 || window < tokens)) {
            Tensor band = band(place, tokens, columns - first, window);
            mask = mask == null ? band : band.add(mask);
        }
        return new AttentionMask(first, mask);
    }

    /** Hides later columns, and those before the window, from the last {@code tokens} of the columns: [1, 1, T, S]. */
    private static Tensor band(Place place, int tokens, int columns, int window) {
        Tensor all = Tensors.full(place, place.attention(), HIDDEN, 1, 1, tokens, columns);
        Tensor future = all.triu(columns - tokens + 1L);
        return window < columns ? future.add(all.tril((long) columns - tokens - window)) : future;
    }
}
