package org.reft4j.model.decoder;

import org.jspecify.annotations.Nullable;

/**
 * Rotary embedding and window of a layer type: full or sliding-window attention. Layers of the same type share one instance.
 *
 * @param rope rotary embedding of queries and keys, or {@code null} for none
 * @param window a token sees itself and the {@code window - 1} tokens before it
 */
record AttentionType(@Nullable Rope rope, int window) {
    /** Window of full attention: every token sees all tokens before it. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    static AttentionType full(@Nullable Rope rope) {
        return new AttentionType(rope, UNBOUNDED);
    }

    static AttentionType sliding(@Nullable Rope rope, int window) {
        return new AttentionType(rope, window);
    }
}
