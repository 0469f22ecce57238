package org.reft4j.model.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokens;

/** A vocabulary of all single bytes, some longer tokens, parts of characters among them, and two end tokens. */
final class ByteTokens {
    static final int FIRST_LONG = 0x100;
    private static final List<String> LONG = List.of(
            "{\"",
            "\":",
            "\": ",
            ",\"",
            "\",\"",
            "\"},{\"",
            "[[",
            "]]",
            "}}",
            "\"}",
            "true",
            "fal",
            "se}",
            "null",
            "12",
            "00",
            "-1",
            "\n  ",
            "\n    \"",
            "é",
            "aé",
            "name",
            "1.5",
            "\\n",
            "\\u00",
            "e+",
            "日本");

    private ByteTokens() {}

    static final int END = FIRST_LONG + LONG.size() + 2;
    static final int SIZE = END + 2;

    static TokenTrie trie() {
        return new TokenTrie(texts(), new EndTokens(END, Set.of(END + 1)));
    }

    static byte[][] texts() {
        byte[][] texts = new byte[SIZE][];
        for (int value = 0; value < FIRST_LONG; value++) {
            texts[value] = new byte[] {(byte) value};
        }
        for (int i = 0; i < LONG.size(); i++) {
            texts[FIRST_LONG + i] = LONG.get(i).getBytes(StandardCharsets.UTF_8);
        }
        // Two bytes of the three of 日, and the last of it with a quotation mark.
        texts[END - 2] = new byte[] {(byte) 0xE6, (byte) 0x97};
        texts[END - 1] = new byte[] {(byte) 0xA5, '"'};
        return texts;
    }

    static String text(List<Integer> ids) {
        byte[][] texts = texts();
        List<byte[]> parts = new ArrayList<>();
        int length = 0;
        for (int id : ids) {
            if (texts[id] != null) {
                parts.add(texts[id]);
                length += texts[id].length;
            }
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return new String(all, StandardCharsets.UTF_8);
    }

    static List<Integer> ids(Tokens tokens) {
        return Arrays.stream(tokens.toArray()).boxed().toList();
    }
}
