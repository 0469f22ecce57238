package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The token in front of texts, as tokenizers say it. */
class BeginningTest {
    private static final int BOS = ChatTokenizers.FIRST;
    private static final int EOS = ChatTokenizers.FIRST + 1;

    @TempDir
    private Path folder;

    /** @param rule what the post-processor does: nothing, a token in front, or one after the text too */
    private void write(String rule, String settings) throws IOException {
        ObjectNode json = ChatTokenizers.write(folder, List.of("<bos>", "<eos>"));
        if (!rule.equals("none")) {
            ChatTokenizers.surround(json, "<bos>", BOS, rule.equals("both") ? "<eos>" : "", EOS);
        }
        ChatTokenizers.save(folder, json);
        Files.writeString(folder.resolve("tokenizer_config.json"), settings);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "none  | {\"bos_token\": \"<bos>\"} | false",
                "front | {\"bos_token\": \"<bos>\"} | true",
                "both  | {\"bos_token\": \"<bos>\"} | true",
                "front | {} | true",
                "none  | {\"bos_token\": \"<bos>\", \"add_bos_token\": true} | true",
                "none  | {\"bos_token\": \"<bos>\", \"add_bos_token\": false} | false",
                "front | {\"bos_token\": \"<bos>\", \"add_bos_token\": true} | true",
                "front | {\"bos_token\": \"<bos>\", \"add_bos_token\": false} | false",
                "none  | {\"add_bos_token\": true} | false",
                "none  | {\"bos_token\": null, \"add_bos_token\": true} | false",
            })
    void postProcessorAndFlagDecide(String rule, String settings, boolean begun) throws IOException {
        write(rule, settings);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            assertEquals(
                    begun ? Tokens.of(BOS) : Tokens.of(), tokenizer.beginning(), "what stands behind is not in it");
            assertEquals(1, tokenizer.encode("a").size(), "a text by itself has none");
            tokenizer.save(folder.resolve("saved"));
        }
        try (Tokenizer saved = HuggingFaceTokenizer.open(folder.resolve("saved"))) {
            assertEquals(begun ? Tokens.of(BOS) : Tokens.of(), saved.beginning());
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void ggufFilesSayItAndAFolderSaysItAgain(boolean begun) throws IOException {
        GgufVocabulary vocabulary = new GgufVocabulary(
                "x.gguf",
                "gpt2",
                "llama-bpe",
                List.of("a", "b", "<bos>", "<eos>"),
                List.of(1L, 1L, 3L, 3L),
                List.of(),
                List.of(),
                Map.of("bos_token", 2, "eos_token", 3),
                false,
                null,
                begun);
        try (Tokenizer tokenizer = Tokenizers.of(vocabulary)) {
            assertEquals(begun ? Tokens.of(2) : Tokens.of(), tokenizer.beginning());
            tokenizer.save(folder);
        }
        assertEquals(begun, Tokenizers.vocabulary(folder).beginningInFront());
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<bos>\", \"add_bos_token\": " + !begun + "}");
        assertEquals(!begun, Tokenizers.vocabulary(folder).beginningInFront(), "the flag wins here as there");
    }

    @Test
    void aTokenThatTheModelHasNoRowForIsNamed() throws IOException {
        write("front", "{}");
        TokenizerException failure = assertThrows(
                TokenizerException.class,
                () -> HuggingFaceTokenizer.of(folder, 1024).close());
        assertTrue(
                String.valueOf(failure.getMessage()).contains("the post-processor's token has id 1024"),
                failure::getMessage);
    }
}
