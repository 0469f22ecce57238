package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Positions of the tokens of a forward pass. Belongs to the scope that it was made in.
 *
 * @param first position of the first column, where all rows share positions
 * @param tokens columns
 * @param rows int64 [B, T] where positions differ between rows, padding at position 0; else {@code null}
 * @param end more than the largest position
 */
record Positions(int first, int tokens, @Nullable Tensor rows, int end) {

    /** Positions that all rows share: {@code tokens} from {@code first} on. */
    static Positions range(int first, int tokens) {
        return new Positions(first, tokens, null, first + tokens);
    }

    /** Positions in lines with several completions of one prompt. */
    static Positions shared(SharedPrompt sharing) {
        return new Positions(0, Math.toIntExact(sharing.places().size(1)), sharing.places(), sharing.end());
    }

    /**
     * Positions in left-padded rows.
     *
     * @param attention int64 [B, T], 1 where a token counts; positions count these
     */
    static Positions padded(Tensor attention) {
        int tokens = Math.toIntExact(attention.size(1));
        Tensor rows = attention.cumsum(1).sub(new Scalar(1)).clamp_min(new Scalar(0));
        return new Positions(0, tokens, rows, tokens);
    }

    /** Positions of the next columns of a padded cache, below {@code limit}. */
    static Positions cached(KvCache cache, int tokens, int limit) {
        return new Positions(
                cache.length(), tokens, cache.positions(tokens, limit), Math.min(cache.length() + tokens, limit));
    }
}
