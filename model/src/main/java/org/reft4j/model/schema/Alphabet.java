package org.reft4j.model.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The characters that a vocabulary can write, whatever was written before: those that are a token, and those of whose bytes each is a
 * token. A completion that may need another one could not be ended.
 *
 * @param bytes single bytes that are tokens
 * @param characters characters that can be written
 * @param halves true if a token may end inside a character, since every byte that goes on with one is a token
 */
record Alphabet(BitSet bytes, BitSet characters, boolean halves) {
    /** Everything. */
    static final Alphabet ALL = all();

    private static Alphabet all() {
        BitSet bytes = new BitSet();
        bytes.set(0, 0x100);
        BitSet characters = new BitSet();
        characters.set(0, Character.MAX_CODE_POINT + 1);
        return new Alphabet(bytes, characters, true);
    }

    /** @param tokens the bytes of the tokens that have a text */
    static Alphabet of(List<byte[]> tokens) {
        BitSet bytes = new BitSet();
        BitSet characters = new BitSet();
        for (byte[] token : tokens) {
            if (token.length == 1) {
                bytes.set(token[0] & 0xFF);
            } else if (token.length <= 4) {
                String text = new String(token, StandardCharsets.UTF_8);
                if (text.codePointCount(0, text.length()) == 1
                        && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), token)) {
                    characters.set(text.codePointAt(0));
                }
            }
        }
        boolean halves = bytes.nextClearBit(0x80) >= 0xC0;
        characters.or(spelled(bytes));
        return new Alphabet(bytes, characters, halves);
    }

    private static BitSet spelled(BitSet bytes) {
        BitSet characters = new BitSet();
        if (bytes.nextClearBit(0x80) >= 0xC0 && bytes.nextClearBit(0) >= 0x80 && bytes.nextClearBit(0xC2) >= 0xF5) {
            characters.set(0, Character.MAX_CODE_POINT + 1);
            return characters;
        }
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            int following = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
            int lead = character >> 6 * following | (following == 0 ? 0 : 0xF0 << 3 - following & 0xFF);
            boolean known = bytes.get(lead);
            for (int at = 0; at < following; at++) {
                known &= bytes.get(0x80 | character >> 6 * at & 0x3F);
            }
            characters.set(character, known);
        }
        return characters;
    }
}
