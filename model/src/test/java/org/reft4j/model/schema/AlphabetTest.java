package org.reft4j.model.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlphabetTest {
    private static List<byte[]> bytesWithout(int... missing) {
        List<byte[]> tokens = new ArrayList<>();
        for (int value = 0; value < 0x100; value++) {
            int each = value;
            if (Arrays.stream(missing).noneMatch(other -> other == each)) {
                tokens.add(new byte[] {(byte) value});
            }
        }
        return tokens;
    }

    private static boolean spelled(String character, int... missing) {
        for (byte each : character.getBytes(StandardCharsets.UTF_8)) {
            for (int other : missing) {
                if ((each & 0xFF) == other) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void aCharacterNeedsEachOfItsBytes() {
        for (int[] missing : new int[][] {{}, {'a', 0xC3}, {0xE2, 0x82}, {0xF0, 0xBF}, {0xF1, 0xDF}}) {
            Alphabet alphabet = Alphabet.of(bytesWithout(missing));
            for (int character = 0; character <= Character.MAX_CODE_POINT; character += character < 0x900 ? 1 : 97) {
                if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                    assertEquals(
                            spelled(Character.toString(character), missing),
                            alphabet.characters().get(character),
                            () -> Integer.toHexString(missing.length));
                }
            }
        }
    }

    @Test
    void orATokenOfItsOwn() {
        List<byte[]> tokens = bytesWithout(0xC3, 0xA9);
        assertFalse(Alphabet.of(tokens).characters().get('é'));
        assertFalse(Alphabet.of(tokens).halves());
        tokens.add("é".getBytes(StandardCharsets.UTF_8));
        assertTrue(Alphabet.of(tokens).characters().get('é'));
        assertTrue(Alphabet.of(bytesWithout(0xC0, 0xFF)).halves());
    }
}
