package org.reft4j.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.server.page.WordDiff.Change;
import org.reft4j.server.page.WordDiff.Piece;

class WordDiffTest {
    @Test
    void wordsThatChanged() {
        assertEquals(
                List.of(
                        new Piece(Change.SAME, "start = 5\nresult = start "),
                        new Piece(Change.GONE, "+"),
                        new Piece(Change.NEW, "*"),
                        new Piece(Change.SAME, " 3"),
                        new Piece(Change.NEW, "\nreturn")),
                WordDiff.of("start = 5\nresult = start + 3", "start = 5\nresult = start * 3\nreturn"));
    }

    @Test
    void nothingAndEverything() {
        assertEquals(List.of(), WordDiff.of("", ""));
        assertEquals(List.of(new Piece(Change.NEW, "a b")), WordDiff.of("", "a b"));
        assertEquals(List.of(new Piece(Change.SAME, "a b")), WordDiff.of("a b", "a b"));
    }

    /** A model that does not stop writing costs no more than a page. */
    @Test
    void endlessTextsAreComparedInTime() {
        String one = "a b ".repeat(50_000);
        String other = "c d ".repeat(50_000);
        String before = "";
        for (Piece piece : WordDiff.of(one, other)) {
            before += piece.change() == Change.NEW ? "" : piece.text();
        }
        assertEquals(one, before);
    }
}
