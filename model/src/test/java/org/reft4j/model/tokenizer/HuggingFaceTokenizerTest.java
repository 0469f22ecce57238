package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceTokenizerTest {
    @TempDir
    private Path folder;

    @Test
    void nothingIsAddedCutOrFilled() {
        // The file asks for a special token in front, rows of one token, and padding to eight.
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            assertEquals(Tokens.of(3, 4, 3), tokenizer.encode("aba"));
            assertEquals(Tokens.of(), tokenizer.encode(""));
        }
    }

    @Test
    void specialTokensAreReadInTextButLeftOutOfIt() {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            assertEquals(Tokens.of(3, 0, 4), tokenizer.encode("a<end>b"));
            assertEquals("ab", tokenizer.decode(Tokens.of(3, 0, 4, 1)));
        }
    }

    @Test
    void spacesAreNotCleanedUp() {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            assertEquals("a b  ", tokenizer.decode(Tokens.of(3, 2, 4, 2, 2)));
        }
    }

    @Test
    void piecesCanBeRead() {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            assertEquals("<end>", tokenizer.piece(0));
            assertEquals(" ", tokenizer.piece(2));
            assertEquals("<0xC3>", tokenizer.piece(5));
            assertEquals("<6>", tokenizer.piece(6));
            assertEquals(6, tokenizer.vocabularySize());
        }
    }

    @Test
    void halfSurrogatePairsDoNoHarm() {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            assertEquals(Tokens.of(3, 4), tokenizer.encode("a\ud83db"));
        }
    }

    @Test
    void manyThreadsMayTokenizeAtOnce() {
        try (Tokenizer tokenizer = TinyTokenizer.open()) {
            Tokens expected = tokenizer.encode("abab a b");
            assertTrue(IntStream.range(0, 2000)
                    .parallel()
                    .allMatch(_ -> tokenizer.encode("abab a b").equals(expected)
                            && tokenizer.decode(expected).equals("abab a b")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"eos_token_id\": 3} | {\"eos_token_id\": 4} | {\"eos_token\": \"<end>\"} | 3",
                "{\"eos_token_id\": [4, 3]} | {} | {} | 4",
                "{\"eos_token_id\": null} | {\"eos_token_id\": 4} | {\"eos_token\": \"<end>\"} | 4",
                "{} | {} | {\"eos_token\": \"<end>\"} | 0",
                "{} | {} | {\"eos_token\": {\"content\": \"<pad>\"}} | 1",
                "{} | {} | {} | -1",
                "{} | {} | {\"eos_token\": \"<unknown>\"} | -1",
            })
    void endOfTextIsTheFirstThatIsNamed(String generation, String config, String settings, int expected)
            throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), TinyTokenizer.JSON);
        Files.writeString(folder.resolve("generation_config.json"), generation);
        Files.writeString(folder.resolve("config.json"), config);
        Files.writeString(folder.resolve("tokenizer_config.json"), settings);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            assertEquals(expected < 0 ? OptionalInt.empty() : OptionalInt.of(expected), tokenizer.endOfText());
        }
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder, 2)) {
            assertEquals(OptionalInt.of(2), tokenizer.endOfText());
        }
    }

    @Test
    void whatIsSavedOpensTheSame() throws IOException {
        String settings = "{\"bos_token\": \"a\", \"eos_token\": \"b\", \"odd\": 1}";
        Path saved = folder.resolve("saved");
        try (Tokenizer tokenizer =
                HuggingFaceTokenizer.of(TinyTokenizer.files(settings, OptionalInt.of(0), OptionalInt.of(1)))) {
            tokenizer.save(saved);
        }
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(saved)) {
            assertEquals(OptionalInt.of(0), tokenizer.endOfText());
            assertEquals(OptionalInt.of(1), tokenizer.padding());
        }
        assertEquals(TinyTokenizer.JSON, Files.readString(saved.resolve("tokenizer.json")));
        assertEquals(
                TinyTokenizer.json("{\"bos_token\": \"a\", \"eos_token\": \"<end>\", \"pad_token\": \"<pad>\"}"),
                TinyTokenizer.json(Files.readString(saved.resolve("special_tokens_map.json"))));
        assertEquals(
                1,
                TinyTokenizer.json(Files.readString(saved.resolve("tokenizer_config.json")))
                        .path("odd")
                        .asInt());
    }

    @Test
    void unusableFilesAreNamed() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        for (var bad : List.of(
                List.of("{\"model\"", "not valid JSON"),
                List.of("{}", "no vocabulary"),
                List.of("{\"model\": {\"vocab\": {\"a\": -1}}}", "token \"a\" has id -1"),
                List.of(
                        "{\"model\": {\"type\": \"Odd\", \"vocab\": {\"a\": 0}}}",
                        "not a tokenizer that can be used"))) {
            Files.writeString(file, bad.get(0));
            refused(file, bad.get(1));
        }
        Files.write(file, new byte[] {'{', (byte) 0xFF, '}'});
        refused(file, "UTF-8");
        Files.writeString(file, TinyTokenizer.JSON);
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 6}");
        refused(file, "eos_token has id 6 but the largest id is 5");
    }

    private void refused(Path file, String message) {
        TokenizerException failure = assertThrows(
                TokenizerException.class,
                () -> HuggingFaceTokenizer.open(folder).close());
        String said = String.valueOf(failure.getMessage());
        assertTrue(said.contains(file.toString()) && said.contains(message), said);
    }
}
