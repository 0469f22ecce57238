package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSetTest {
    /** Few ids are listed, many are bits; 100 tokens take four numbers of 32 bits. */
    @ParameterizedTest
    @CsvSource({"100, 1", "100, 3", "100, 4", "100, 99", "100, 100", "64, 64", "33, 2", "1, 1", "2, 1"})
    void holdsWhatItIsGiven(int vocabulary, int size) {
        int[] ids = IntStream.range(0, size).map(i -> (vocabulary - 1) - i).toArray();
        TokenSet set = TokenSet.of(vocabulary, ids);
        byte[] expected = new byte[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            boolean held = id >= vocabulary - size;
            assertEquals(held, set.contains(id), id + " of " + set);
            expected[id] = (byte) (held ? 0 : 1);
        }
        assertFalse(set.contains(-1));
        assertFalse(set.contains(vocabulary));
        byte[] flags = new byte[vocabulary];
        set.flagOthers(flags);
        assertArrayEquals(expected, flags);
        assertEquals(set, TokenSet.of(vocabulary, IntStream.of(ids).sorted().toArray()));
        assertNotEquals(set, TokenSet.of(vocabulary + 1, ids));
    }

    @Test
    void allHoldsEverything() {
        assertTrue(TokenSet.ALL.contains(150_000));
        byte[] flags = {1, 1, 1};
        TokenSet.ALL.flagOthers(flags);
        assertArrayEquals(new byte[3], flags);
    }

    @Test
    void refusesWhatTheVocabularyLacks() {
        assertThrows(IllegalArgumentException.class, () -> TokenSet.of(5));
        assertThrows(IllegalArgumentException.class, () -> TokenSet.of(5, 1, 5));
        assertThrows(IllegalArgumentException.class, () -> TokenSet.of(5, -1));
        assertThrows(IllegalArgumentException.class, () -> TokenSet.of(5, 1).flagOthers(new byte[6]));
    }
}
