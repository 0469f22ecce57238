package org.reft4j.model.decoder.layers;

import org.jspecify.annotations.Nullable;

/**
 * Full or sliding-window attention with its rotary embedding. Layers of the same type share one instance.
 *
 * @param rope rotary embedding of queries and keys, or {@code null} for none
 * @param window a token sees itself and the {@code window - 1} tokens before it
 */
public record AttentionType(@Nullable Rope rope, int window) {
    /** Window of full attention: every token sees all tokens before it. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    public static AttentionType full(@Nullable Rope rope) {
        return new AttentionType(rope, UNBOUNDED);
    }

    public static AttentionType sliding(@Nullable Rope rope, int window) {
        return new AttentionType(rope, window);
    }
}
