package org.reft4j.model.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.files.Json;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.TinyLlama;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.DrawOptions;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Torch;

/** Completions under a schema are JSON of it, by another's validator. */
class ConstraintTest {
    private static final int SCHEMAS = Integer.getInteger("tests.schemas", 120);
    private static final int WANDERING = 25;
    /** After some wandering a completion is led to its end by these. */
    private static final List<Integer> CLOSING = List.of(ByteTokens.END, (int) '}', (int) ']', (int) '"');

    static Constraint constraint(String schema) {
        try {
            return constraint(Json.PLAIN.readTree(schema));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(schema, e);
        }
    }

    private static Constraint constraint(JsonNode schema) {
        JsonNode format =
                Json.PLAIN.createObjectNode().put("type", "json_schema").set("schema", schema);
        return Constraint.of(ResponseFormat.read(format).orElseThrow(), ByteTokens.trie());
    }

    /** A random completion, which is led to its end at last. */
    private static String walk(Constraint constraint, SplittableRandom random) {
        Constraint.State state = constraint.start();
        List<Integer> ids = new ArrayList<>();
        while (true) {
            TokenSet allowed = state.allowed(ByteTokens.SIZE);
            List<Integer> open = new ArrayList<>();
            for (int id = 0; id < ByteTokens.SIZE; id++) {
                if (allowed.contains(id)) {
                    open.add(id);
                }
            }
            assertEquals(state.isComplete(), allowed.contains(ByteTokens.END), ByteTokens.text(ids));
            assertFalse(open.isEmpty(), () -> "a dead end after " + ByteTokens.text(ids));
            int id = open.get(random.nextInt(open.size()));
            // Not always: a string may have to hold a letter before it may end.
            if (ids.size() > WANDERING && random.nextInt(4) > 0) {
                List<Integer> closing = CLOSING.stream().filter(open::contains).toList();
                id = closing.isEmpty() ? id : closing.get(random.nextInt(closing.size()));
            }
            if (id >= ByteTokens.END) {
                return ByteTokens.text(ids);
            }
            ids.add(id);
            assertTrue(ids.size() < 20_000, () -> "no end after " + ByteTokens.text(ids.subList(0, 200)));
            state = state.next(id);
        }
    }

    @Test
    void randomCompletionsOfRandomSchemasAreValid() {
        long seed = Long.getLong("tests.seed", System.nanoTime());
        System.out.println("ConstraintTest: -Dtests.seed=" + seed);
        RandomSchemas schemas = new RandomSchemas(seed);
        SplittableRandom random = new SplittableRandom(seed);
        int completions = 0;
        for (int i = 0; i < SCHEMAS; i++) {
            JsonNode schema = schemas.next();
            Constraint constraint;
            try {
                constraint = constraint(schema);
            } catch (SchemaException e) {
                assertTrue(
                        String.valueOf(e.getMessage()).contains("oneOf")
                                || String.valueOf(e.getMessage()).contains("no finite value"),
                        String.valueOf(e.getMessage()));
                continue;
            }
            Validator validator = new Validator(schema);
            for (int walk = 0; walk < 4; walk++) {
                String text = walk(constraint, random);
                assertEquals(List.of(), validator.faults(text), () -> schema + "\n" + text);
                assertTrue(constraint.fault(text).isEmpty(), text);
                completions++;
            }
        }
        System.out.println("ConstraintTest: " + completions + " completions of " + SCHEMAS + " schemas");
        assertTrue(completions > 2 * SCHEMAS);
    }

    @Test
    void aModelSamplesWhatTheSchemaAllows() throws JsonProcessingException {
        Torch.start();
        JsonNode schema = Json.PLAIN.readTree("""
                {"type": "object", "properties": {
                   "name": {"type": "string", "maxLength": 6},
                   "tags": {"type": "array", "items": {"enum": ["é", "b", "日本"]}, "maxItems": 3},
                   "size": {"type": "integer", "minimum": -3, "maximum": 120},
                   "next": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}},
                 "required": ["name", "tags", "size", "next"], "additionalProperties": false}
                """);
        Constraint constraint = constraint(schema);
        Validator validator = new Validator(schema);
        try (Decoder decoder = TinyLlama.create(
                json -> json.put("vocab_size", ByteTokens.SIZE + 6).put("max_position_embeddings", 160), DType.F32)) {
            List<Sampler.Draw> draws = new ArrayList<>();
            for (int key = 0; key < 12; key++) {
                draws.add(new Sampler.Draw(Tokens.of(5, key % 3 + 1), key, DrawOptions.NONE, constraint.start()));
            }
            for (SamplingConfig config : List.of(
                    SamplingConfig.sampling(1, 0, 1, 150).withSupports(),
                    SamplingConfig.sampling(0.7, 20, 0.8, 150).withSupports(),
                    SamplingConfig.greedy(150))) {
                int whole = 0;
                List<Completion> completions = new Sampler(decoder, constraint.ends(), 8).sample(draws, config);
                for (Completion completion : completions) {
                    String text = ByteTokens.text(ByteTokens.ids(completion.tokens()));
                    if (completion.stop() == StopReason.END_OF_TEXT) {
                        assertEquals(List.of(), validator.faults(text), text);
                        whole++;
                    } else {
                        assertEquals(StopReason.LENGTH, completion.stop());
                        assertEquals(150 - 2, completion.tokens().size());
                        assertEquals(text.length(), constraint.fault(text).orElseThrow(), text);
                    }
                    if (config.supported()) {
                        assertEquals(
                                completion.tokens().size(),
                                completion.supports().size());
                    }
                }
                assertTrue(whole > 0 || config.temperature() == 0, "all were cut");
            }
        }
    }

    @Test
    void bytesOfACharacterAreHeldTogether() {
        Constraint.State state = constraint("{\"const\": \"日\"}").start().next('"');
        int half = ByteTokens.END - 2;
        assertEquals(TokenSet.of(ByteTokens.SIZE, 0xE6, half), state.allowed(ByteTokens.SIZE));
        state = state.next(half);
        assertEquals(TokenSet.of(ByteTokens.SIZE, 0xA5, ByteTokens.END - 1), state.allowed(ByteTokens.SIZE));
        state = state.next(ByteTokens.END - 1);
        assertTrue(state.isComplete());
        assertEquals(TokenSet.of(ByteTokens.SIZE, ByteTokens.END, ByteTokens.END + 1), state.allowed(ByteTokens.SIZE));
        assertEquals(state, state.next(ByteTokens.END));
    }

    /** Without the bytes, a character is there only as a token of its own. */
    @Test
    void nothingIsBegunThatTheTokensCannotEnd() {
        byte[][] texts = ByteTokens.texts();
        for (int value = 0x80; value < 0x100; value++) {
            texts[value] = new byte[0];
        }
        TokenTrie trie = new TokenTrie(texts, ByteTokens.trie().ends());
        assertEquals(0, trie.text(0x80).length);
        ResponseFormat format = new ResponseFormat(Json.PLAIN
                .createObjectNode()
                .put("type", "json_schema")
                .set(
                        "json_schema",
                        Json.PLAIN
                                .createObjectNode()
                                .set("schema", Json.PLAIN.createObjectNode().put("type", "string"))));
        Constraint.State inside = Constraint.of(format, trie).start().next('"');
        assertFalse(inside.allowed(ByteTokens.SIZE).contains(ByteTokens.END - 2), "half a character");
        int accented = ByteTokens.FIRST_LONG + 19;
        assertEquals("é", ByteTokens.text(List.of(accented)));
        assertTrue(inside.allowed(ByteTokens.SIZE).contains(accented));
    }
}
