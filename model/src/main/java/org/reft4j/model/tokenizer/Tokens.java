package org.reft4j.model.tokenizer;

import java.util.Arrays;

/** An immutable row of token ids. Ids are the truth; text is only a view of them. */
public final class Tokens {
    private static final Tokens EMPTY = new Tokens(new int[0]);

    private final int[] ids;

    private Tokens(int[] ids) {
        this.ids = ids;
    }

    /** Copies {@code ids}. */
    public static Tokens of(int... ids) {
        return ids.length == 0 ? EMPTY : new Tokens(ids.clone());
    }

    public int size() {
        return ids.length;
    }

    public int get(int index) {
        return ids[index];
    }

    public boolean isEmpty() {
        return ids.length == 0;
    }

    /** A copy. */
    public int[] toArray() {
        return ids.clone();
    }

    public Tokens concat(Tokens other) {
        int[] joined = Arrays.copyOf(ids, ids.length + other.ids.length);
        System.arraycopy(other.ids, 0, joined, ids.length, other.ids.length);
        return new Tokens(joined);
    }

    public Tokens append(int id) {
        int[] joined = Arrays.copyOf(ids, ids.length + 1);
        joined[ids.length] = id;
        return new Tokens(joined);
    }

    /** The ids from {@code from}, inclusive, to {@code to}, exclusive. */
    public Tokens slice(int from, int to) {
        return new Tokens(Arrays.copyOfRange(ids, from, to));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens && Arrays.equals(ids, tokens.ids);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return Arrays.toString(ids);
    }
}
