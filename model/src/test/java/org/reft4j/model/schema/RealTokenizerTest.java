package org.reft4j.model.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.files.Json;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.SharedFiles;

/** SmolLM2's 49,152 tokens under a schema. */
class RealTokenizerTest {
    private static final String SCHEMA = """
            {"type": "object", "additionalProperties": false, "required": ["steps", "answer", "unit"], "properties": {
               "steps": {"type": "array", "maxItems": 5, "items": {"type": "object", "additionalProperties": false,
                  "properties": {"explanation": {"type": "string"}, "value": {"type": "number"}},
                  "required": ["explanation", "value"]}},
               "answer": {"type": "integer"}, "unit": {"enum": ["apples", "€", "日"]}}}
            """;
    private static final String ANSWER =
            "{\"steps\": [{\"explanation\": \"3 + 4 = 7 äpfel\", \"value\": 7}], \"answer\": 7, \"unit\": \"€\"}";

    private static Tokenizer open() {
        return HuggingFaceTokenizer.open(SharedFiles.find("models/smollm2-135m-instruct"));
    }

    @Test
    void whatTheModelWouldWriteIsAllowed() throws JsonProcessingException {
        try (Tokenizer tokenizer = open()) {
            long begin = System.nanoTime();
            TokenTrie trie = TokenTrie.of(tokenizer, tokenizer.ends());
            long read = System.nanoTime();
            JsonNode format =
                    Json.PLAIN.createObjectNode().put("type", "json_schema").set("schema", Json.PLAIN.readTree(SCHEMA));
            Constraint constraint = Constraint.of(ResponseFormat.read(format).orElseThrow(), trie);
            long compiled = System.nanoTime();
            int vocabulary = tokenizer.vocabularySize();
            Constraint.State state = constraint.start();
            Tokens tokens = tokenizer.encode(ANSWER);
            for (int id : tokens.toArray()) {
                assertTrue(state.allowed(vocabulary).contains(id), () -> "not " + tokenizer.piece(id));
                state = state.next(id);
            }
            long made = System.nanoTime();
            assertTrue(state.isComplete());
            assertEquals(TokenSet.of(vocabulary, tokenizer.endOfText().orElseThrow()), state.allowed(vocabulary));
            state = constraint.start();
            long again = System.nanoTime();
            for (int id : tokens.toArray()) {
                assertTrue(state.allowed(vocabulary).contains(id));
                state = state.next(id);
            }
            long kept = System.nanoTime();
            System.out.printf(
                    "schema: %d tokens read in %.0f ms, compiled in %.0f ms; a set %.2f ms when first made, %.4f ms when kept%n",
                    vocabulary,
                    (read - begin) / 1e6,
                    (compiled - read) / 1e6,
                    (made - compiled) / 1e6 / tokens.size(),
                    (kept - again) / 1e6 / tokens.size());
        }
    }

    /** The bytes of tokens, put together, are what the tokenizer makes of them. */
    @Test
    void tokensAreTheirBytes() {
        try (Tokenizer tokenizer = open()) {
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < 20_000; i++) {
                int id = i < 5_000 ? random.nextInt(tokenizer.vocabularySize()) : i + 300;
                String expected = tokenizer.decode(Tokens.of(id));
                String found = new String(tokenizer.bytes(id).orElse(new byte[0]), StandardCharsets.UTF_8);
                assertEquals(expected, found, "token " + id);
            }
            for (String text : new String[] {ANSWER, "日本 und\tÄpfel\n\n  x", "🙂"}) {
                StringBuilder bytes = new StringBuilder();
                for (int id : tokenizer.encode(text).toArray()) {
                    bytes.append(new String(tokenizer.bytes(id).orElseThrow(), StandardCharsets.ISO_8859_1));
                }
                assertEquals(
                        text,
                        new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            }
        }
    }
}
