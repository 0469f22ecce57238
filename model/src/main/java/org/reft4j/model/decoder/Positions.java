package org.reft4j.model.decoder;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which positions the tokens of a pass stand at. Belongs to the scope that it was made in.
 *
 * @param first position of the first column, where all rows share positions
 * @param tokens columns
 * @param rows int64 [B, T] where padding makes positions differ between rows, padding at position 0; else {@code null}
 * @param end more than the largest position
 */
record Positions(int first, int tokens, @Nullable Tensor rows, int end) {

    /** The same in all rows: {@code tokens} from {@code first} on. */
    static Positions range(int first, int tokens) {
        return new Positions(first, tokens, null, first + tokens);
    }

    /** Of rows that were laid out for scoring. */
    static Positions of(Rows rows) {
        int tokens = Math.toIntExact(rows.tokens().size(1));
        Rows.Sharing sharing = rows.sharing();
        return sharing == null ? range(0, tokens) : new Positions(0, tokens, sharing.places(), sharing.end());
    }

    /** @param attention int64 [B, T], 1 where a token counts; positions count these */
    static Positions under(Tensor attention) {
        int tokens = Math.toIntExact(attention.size(1));
        Tensor rows = attention.cumsum(1).sub(new Scalar(1)).clamp_min(new Scalar(0));
        return new Positions(0, tokens, rows, tokens);
    }

    /** The next columns of a cache that is padded: at most at the last of {@code limit} positions. */
    static Positions behind(KvCache cache, int tokens, int limit) {
        return new Positions(
                cache.length(), tokens, cache.positions(tokens, limit), Math.min(cache.length() + tokens, limit));
    }
}
