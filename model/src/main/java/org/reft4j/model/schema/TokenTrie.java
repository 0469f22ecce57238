package org.reft4j.model.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;

/**
 * The texts of a tokenizer's tokens as a tree of bytes, with which an automaton finds the tokens that it allows at one go. Made once for a
 * model; immutable.
 */
public final class TokenTrie {
    private static final byte[] NONE = {};

    /** By id; empty for tokens without a text. */
    private final byte[][] texts;

    private final EndTokens ends;
    private final Alphabet alphabet;
    /** Nodes in the order of their bytes, children behind their parent. */
    private final byte[] bytes;
    /** Depth of a node, the first byte at 0. */
    private final short[] depths;
    /** The node after the last one below a node. */
    private final int[] after;
    /** Index in {@link #ids} of the first token of a node; one entry more than nodes. */
    private final int[] tokens;

    private final int[] ids;

    /** @param texts of the tokens by id; empty for those that have none */
    TokenTrie(byte[][] texts, EndTokens ends) {
        this.texts = texts;
        this.ends = ends;
        List<byte[]> known =
                Arrays.stream(texts).filter(text -> text.length > 0).toList();
        this.alphabet = Alphabet.of(known);
        Integer[] order = sorted();
        int nodes = 0;
        byte[] last = new byte[0];
        for (int id : order) {
            nodes += texts[id].length - common(last, texts[id]);
            last = texts[id];
        }
        this.bytes = new byte[nodes];
        this.depths = new short[nodes];
        this.after = new int[nodes];
        this.tokens = new int[nodes + 1];
        this.ids = Arrays.stream(order).mapToInt(id -> id).toArray();
        fill();
    }

    /** @param ends the tokens that end a completion; they have no text here */
    public static TokenTrie of(Tokenizer tokenizer, EndTokens ends) {
        byte[][] texts = new byte[tokenizer.vocabularySize()][];
        for (int id = 0; id < texts.length; id++) {
            Optional<byte[]> text = ends.hold(id) ? Optional.empty() : tokenizer.bytes(id);
            texts[id] = text.orElse(NONE);
        }
        return new TokenTrie(texts, ends);
    }

    /** Ids in the order of their texts, without those that no completion could go on from. */
    private Integer[] sorted() {
        List<Integer> order = new ArrayList<>();
        for (int id = 0; id < texts.length; id++) {
            if (texts[id].length > 0 && (alphabet.halves() || !endsInside(texts[id]))) {
                order.add(id);
            }
        }
        order.sort((a, b) -> Arrays.compareUnsigned(texts[a], texts[b]));
        return order.toArray(Integer[]::new);
    }

    /** True if the last character of a text lacks bytes. */
    private static boolean endsInside(byte[] text) {
        int at = text.length - 1;
        while (at > 0 && (text[at] & 0xC0) == 0x80) {
            at--;
        }
        int lead = text[at] & 0xFF;
        int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        return text.length - at < length;
    }

    private static int common(byte[] one, byte[] other) {
        int at = Arrays.mismatch(one, other);
        return at < 0 ? one.length : at;
    }

    private void fill() {
        int[] open = new int[Short.MAX_VALUE];
        int node = 0;
        byte[] last = new byte[0];
        for (int i = 0; i < ids.length; i++) {
            byte[] text = texts[ids[i]];
            int shared = common(last, text);
            for (int depth = shared; depth < last.length; depth++) {
                after[open[depth]] = node;
            }
            for (int depth = shared; depth < text.length; depth++) {
                open[depth] = node;
                bytes[node] = text[depth];
                depths[node] = (short) depth;
                tokens[node] = i;
                node++;
            }
            last = text;
        }
        for (int depth = 0; depth < last.length; depth++) {
            after[open[depth]] = node;
        }
        tokens[node] = ids.length;
    }

    Alphabet alphabet() {
        return alphabet;
    }

    EndTokens ends() {
        return ends;
    }

    /** The bytes of a token; empty if it has no text. */
    byte[] text(int id) {
        return id < texts.length ? texts[id] : NONE;
    }

    /** The tokens that lead from a state to another. */
    BitSet allowed(Constraint.State from) {
        BitSet allowed = new BitSet(texts.length);
        List<Constraint.State> open = new ArrayList<>(List.of(from));
        for (int node = 0; node < bytes.length; ) {
            int depth = depths[node];
            Constraint.State next = open.get(depth).step(bytes[node] & 0xFF);
            if (next.isDead()) {
                node = after[node];
            } else {
                if (open.size() == depth + 1) {
                    open.add(next);
                } else {
                    open.set(depth + 1, next);
                }
                for (int i = tokens[node]; i < tokens[node + 1]; i++) {
                    allowed.set(ids[i]);
                }
                node++;
            }
        }
        return allowed;
    }
}
