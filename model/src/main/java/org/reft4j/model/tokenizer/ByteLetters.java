package org.reft4j.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The letters that byte-level vocabularies spell bytes with: printable Latin-1 characters stand for themselves, the other bytes, in
 * their order, for the letters from U+0100 on.
 *
 * <p>Source: {@code bytes_to_unicode} of GPT-2's encoder.
 */
final class ByteLetters {
    private static final int[] BYTE_BY_LETTER = table();

    private ByteLetters() {}

    private static int[] table() {
        int[] table = new int[0x200];
        Arrays.fill(table, -1);
        int next = 0x100;
        for (int value = 0; value < 0x100; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
            table[printable ? value : next++] = value;
        }
        return table;
    }

    /** Text of a spelling, with bytes that are no whole character as {@code <0xE5>}; empty if it is not spelled in bytes. */
    static Optional<String> read(String spelling) {
        byte[] bytes = new byte[spelling.length()];
        for (int i = 0; i < bytes.length; i++) {
            int letter = spelling.charAt(i);
            if (letter >= BYTE_BY_LETTER.length || BYTE_BY_LETTER[letter] < 0) {
                return Optional.empty();
            }
            bytes[i] = (byte) BYTE_BY_LETTER[letter];
        }
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int length = characterLength(bytes, at);
            if (length == 0) {
                text.append(String.format(Locale.ROOT, "<0x%02X>", bytes[at]));
                at++;
            } else {
                text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
                at += length;
            }
        }
        return Optional.of(text.toString());
    }

    /** Bytes of the whole UTF-8 character at a place, 0 if there is none. */
    private static int characterLength(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        boolean whole = length <= bytes.length - at
                && new String(bytes, at, length, StandardCharsets.UTF_8).indexOf('\uFFFD') < 0;
        return whole ? length : 0;
    }
}
