package org.reft4j.model.tokenizer;

import java.util.Collections;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens that end a text. Models that chat often have several: one ends a text, another a turn.
 *
 * @param written the one that training teaches; negative where none is known
 * @param all those that end a completion, the written one among them, in the order of ids
 */
public record EndTokens(int written, Set<Integer> all) {
    /** No end tokens: only its greatest length ends a text. */
    public static final EndTokens NONE = new EndTokens(-1, Set.of());

    public EndTokens {
        TreeSet<Integer> sorted = new TreeSet<>(all);
        if (written >= 0) {
            sorted.add(written);
        }
        all = Collections.unmodifiableSet(sorted);
    }

    /** One token alone. */
    public static EndTokens of(int written) {
        return written < 0 ? NONE : new EndTokens(written, Set.of());
    }

    /** The same, and another token that ends a completion; it is the written one where there was none. */
    public EndTokens with(int token) {
        Set<Integer> more = new TreeSet<>(all);
        more.add(token);
        return new EndTokens(written < 0 ? token : written, more);
    }

    /** The same, where training teaches another one. */
    public EndTokens writing(int token) {
        return new EndTokens(token, all);
    }

    /** The written one, if any is known. */
    public OptionalInt known() {
        return written < 0 ? OptionalInt.empty() : OptionalInt.of(written);
    }

    /** True if a completion ends with this token. */
    public boolean hold(int token) {
        return all.contains(token);
    }
}
