package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.model.gguf.GgufFile;
import org.reft4j.model.weights.SharedFiles;

/** Token ids and texts against what transformers computed. */
class TokenizerGoldenTest {
    private static final String MODEL = "models/smollm2-135m-instruct";

    @Test
    void tokenizerJsonAgrees() throws IOException {
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(SharedFiles.find(MODEL))) {
            agree(tokenizer);
            assertEquals(49152, tokenizer.vocabularySize());
            assertEquals(OptionalInt.of(2), tokenizer.endOfText());
            assertEquals(OptionalInt.of(2), tokenizer.padding());
        }
    }

    @Test
    void tokenizerOfTheGgufFileAloneAgrees() throws IOException {
        Path file = SharedFiles.find(MODEL).resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        try (GgufFile gguf = GgufFile.open(file);
                Tokenizer tokenizer = Tokenizers.of(gguf.vocabulary())) {
            agree(tokenizer);
            assertEquals(49152, tokenizer.vocabularySize());
            assertEquals(OptionalInt.of(2), tokenizer.endOfText());
            assertEquals(OptionalInt.of(2), tokenizer.padding());
        }
    }

    /** A space in front of every text, as some tokenizers put one. */
    @Test
    void aSpaceInFrontIsNoticed() {
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(SharedFiles.find(MODEL))) {
            assertThrows(AssertionError.class, () -> agree(tokenizer, " "));
        }
    }

    private static void agree(Tokenizer tokenizer) throws IOException {
        agree(tokenizer, "");
    }

    /** @param fault text that is wrongly put in front of each */
    private static void agree(Tokenizer tokenizer, String fault) throws IOException {
        JsonNode cases = new ObjectMapper()
                .readTree(SharedFiles.find("golden/smollm2/golden.json").toFile())
                .path("tokens");
        assertFalse(cases.isEmpty());
        List<Executable> checks = new ArrayList<>();
        for (JsonNode each : cases) {
            String text = each.path("text").asText();
            Tokens expected = Tokens.of(StreamSupport.stream(each.path("ids").spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray());
            checks.add(() -> assertEquals(expected, tokenizer.encode(fault + text), text));
            // The golden text keeps special tokens, which ours leaves out.
            if (!text.contains("<|")) {
                checks.add(() -> assertEquals(each.path("decoded").asText(), tokenizer.decode(expected), text));
            }
        }
        assertAll(checks);
        System.out.println(cases.size() + " texts agree");
    }
}
