package org.reft4j.server.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.server.engine.SampleEvent.TokenText;

class TextStreamTest {
    private record Told(String text, List<String> pieces, int tokens) {}

    private static Told tell(String text, String... stops) {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            TextStream stream = new TextStream(tokenizer, List.of(stops));
            StringBuilder all = new StringBuilder();
            List<String> pieces = new ArrayList<>();
            int tokens = 0;
            Tokens ids = tokenizer.encode(text);
            for (int id : ids.toArray()) {
                TextStream.Piece piece = stream.add(id, new TokenText(id, tokenizer.piece(id), 0, List.of()));
                all.append(piece.text());
                pieces.add(piece.text());
                tokens += piece.tokens().size();
            }
            TextStream.Piece last = stream.end();
            return new Told(all + last.text(), pieces, tokens + last.tokens().size());
        }
    }

    @Test
    void allTextAndAllTokensCome() {
        for (String text : List.of("The sum is 12.", "Zwölf Äpfel für 3 €", "日本語 🙂 and more", "", " a  b\n\nc")) {
            Told told = tell(text);
            assertEquals(text, told.text());
            try (Tokenizer tokenizer = Tokenizers.small()) {
                assertEquals(tokenizer.encode(text).size(), told.tokens());
            }
        }
    }

    @Test
    void noPieceHoldsHalfACharacter() {
        tell("日本語 🙂 Ärger").pieces().forEach(piece -> assertEquals(-1, piece.indexOf('\uFFFD')));
    }

    @Test
    void nothingOfAStopTextIsTold() {
        assertEquals("one two ", tell("one two three four", "three").text());
        assertEquals("one two thr", tell("one two thr", "three").text());
        assertEquals("one ", tell("one two three four", "three", "two").text());
        for (String piece : tell("one two three four", "three").pieces()) {
            assertEquals(-1, piece.indexOf('h'));
        }
    }
}
