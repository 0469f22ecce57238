package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufVocabularyTest {
    private static final List<String> BYTES = List.of("<end>", "1", "2", "a", "b", "\u0120", "12", "ab", "\u01201");

    /** Merges that each rule of cutting allows or forbids. */
    private static final List<String> MERGES = List.of("\u0120 1", "1 2", "a b");

    @ParameterizedTest
    @CsvSource({
        "gpt-2, 7 8 2 0",
        "default, 7 8 2 0",
        "'', 7 8 2 0",
        "smollm, 7 5 1 2 0",
        "qwen2, 7 5 1 2 0",
        "llama-bpe, 7 5 6 0",
    })
    void eachRuleCutsInItsWay(String rule, String expected) {
        try (Tokenizer tokenizer = Tokenizers.of(byteLevel(rule, MERGES))) {
            Tokens ids = tokenizer.encode("ab 12<end>");
            assertEquals("[" + expected.replace(" ", ", ") + "]", ids.toString());
            assertEquals("ab 12", tokenizer.decode(ids));
            assertEquals(0, tokenizer.endOfText().orElseThrow());
        }
    }

    @Test
    void unknownRulesAndKindsAreRefusedByName() {
        refused(() -> Tokenizers.of(byteLevel("deepseek-llm", MERGES)), "tokenizer.ggml.pre is \"deepseek-llm\"");
        refused(() -> Tokenizers.of(of("rwkv", BYTES, List.of(), List.of())), "tokenizer.ggml.model is \"rwkv\"");
        refused(() -> Tokenizers.of(byteLevel("gpt-2", List.of("ab"))), "merges holds \"ab\"");
        refused(() -> of("gpt2", List.of(), List.of(), List.of()), "tokens is missing or empty");
        refused(() -> Tokenizers.of(of("gpt2", List.of("a", "a"), List.of(), List.of())), "token \"a\" occurs twice");
        refused(() -> of("gpt2", BYTES, List.of(1L), List.of()), "token_type has 1 entries for 9");
        refused(() -> Tokenizers.of(of("llama", BYTES, List.of(), List.of(1.0))), "scores has 1 entries for 9");
        refused(
                () -> new GgufVocabulary(
                        "x.gguf",
                        "gpt2",
                        "",
                        BYTES,
                        List.of(),
                        List.of(),
                        List.of(),
                        Map.of("eos_token", 9),
                        true,
                        null,
                        false),
                "eos_token has id 9");
    }

    @Test
    void sentencePiecesMergeByScoreAndFallBackToBytes() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Long> kinds = new ArrayList<>(List.of(2L, 3L, 3L));
        List<Double> scores = new ArrayList<>(List.of(0.0, 0.0, 0.0));
        for (int value = 0; value < 256; value++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", value));
            kinds.add(6L);
            scores.add(0.0);
        }
        // "bc" has the better score, so "abc" is a + bc although "ab" exists too.
        for (String piece : List.of("\u2581", "a", "b", "c", "bc", "ab")) {
            tokens.add(piece);
            kinds.add(1L);
            scores.add(-(double) tokens.size());
        }
        int first = 259;
        try (Tokenizer tokenizer = Tokenizers.of(new GgufVocabulary(
                "x.gguf",
                "llama",
                "default",
                tokens,
                kinds,
                List.of(),
                scores,
                Map.of("eos_token", 2, "unk_token", 0),
                true,
                null,
                true))) {
            assertEquals(Tokens.of(first, first + 1, first + 4), tokenizer.encode("abc"));
            assertEquals("abc", tokenizer.decode(tokenizer.encode("abc")));
            assertEquals("a \u00e9", tokenizer.decode(tokenizer.encode("a \u00e9")));
            Tokens accented = tokenizer.encode("\u00e9");
            assertEquals(Tokens.of(first, 3 + 0xC3, 3 + 0xA9), accented);
            assertEquals("<0xC3>", tokenizer.piece(3 + 0xC3));
            assertEquals(
                    2, tokenizer.encode("a</s>").get(tokenizer.encode("a</s>").size() - 1));
        }
    }

    private static GgufVocabulary byteLevel(String rule, List<String> merges) {
        return new GgufVocabulary(
                "x.gguf",
                "gpt2",
                rule,
                BYTES,
                List.of(3L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L),
                merges,
                List.of(),
                Map.of("eos_token", 0),
                true,
                null,
                false);
    }

    private static GgufVocabulary of(String model, List<String> tokens, List<Long> kinds, List<Double> scores) {
        return new GgufVocabulary("x.gguf", model, "", tokens, kinds, List.of(), scores, Map.of(), true, null, false);
    }

    private static void refused(Runnable opening, String message) {
        TokenizerException failure = assertThrows(TokenizerException.class, opening::run);
        String said = String.valueOf(failure.getMessage());
        assertTrue(said.startsWith("x.gguf: ") && said.contains(message), said);
    }
}
