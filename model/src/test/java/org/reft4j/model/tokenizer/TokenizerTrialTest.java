package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files over which the native library ends its process, each seen to do so: a message here, and the tests go on. */
class TokenizerTrialTest {
    private static final String BPE =
            "{\"type\": \"BPE\", \"unk_token\": null, \"vocab\": {\"<end>\": 0, \"a\": 1, \"b\": 2, \"x\": 3}, \"merges\": []}";

    @TempDir
    Path folder;

    static Stream<Arguments> deadly() {
        String noBytes = Base64.getEncoder().encodeToString(new byte[64]);
        String garbage = Base64.getEncoder()
                .encodeToString("garbage, not a map of characters".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return Stream.of(
                Arguments.of("a map of characters that is garbage", rules("normalizer", charsmap(garbage)), "charsmap"),
                Arguments.of(
                        "a map of characters without any",
                        rules("normalizer", charsmap(noBytes)),
                        "index out of bounds"),
                Arguments.of("a map of characters in no base 64", rules("normalizer", charsmap("###")), "Invalid byte"),
                Arguments.of("a pattern of exponential time", rules("pre_tokenizer", split("(a+)+$")), "retry-limit"),
                Arguments.of("another", rules("pre_tokenizer", split("(x+x+)+y")), "retry-limit"),
                Arguments.of("one for white space", rules("pre_tokenizer", split("( *)*$b")), "retry-limit"),
                Arguments.of(
                        "one that replaces",
                        rules(
                                "normalizer",
                                "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(a|aa)+$\"}, \"content\": \"\"}"),
                        "retry-limit"),
                Arguments.of(
                        "one within a sequence",
                        rules(
                                "pre_tokenizer",
                                "{\"type\": \"Sequence\", \"pretokenizers\": [" + split("(a+)+$") + "]}"),
                        "retry-limit"),
                Arguments.of(
                        "groups within groups",
                        rules("pre_tokenizer", split("(".repeat(20_000) + "a" + ")".repeat(20_000))),
                        "20000 groups"),
                Arguments.of(
                        "a decoder that cuts off more than there is",
                        rules("decoder", "{\"type\": \"Strip\", \"content\": \"a\", \"start\": 1000000, \"stop\": 5}"),
                        "index out of bounds"),
                Arguments.of(
                        "pieces of no length",
                        rules("pre_tokenizer", "{\"type\": \"FixedLength\", \"length\": 0}"),
                        "non-zero"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deadly")
    void isRefused(String name, String json, String words) {
        TokenizerException refused =
                assertThrows(TokenizerException.class, () -> open(json).close(), name);
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.startsWith("the file: "), message);
        assertTrue(message.contains(words), message);
        assertEquals(1, message.lines().count(), message);
    }

    static Stream<Arguments> faulty() {
        String unigram = "{\"type\": \"Unigram\", \"unk_id\": %s, \"vocab\": [[\"<end>\", 0], [\"a\", -1]]}";
        return Stream.of(
                Arguments.of(
                        "an unknown token with an id outside", model(unigram.formatted("99")), "UnkIdNotInVocabulary"),
                Arguments.of("a negative one", model(unigram.formatted("-1")), "-1"),
                Arguments.of("none", model(unigram.formatted("null")), "unk_id"),
                Arguments.of("one that is not in the vocabulary", model(BPE.replace("null", "\"<unk>\"")), "<unk>"),
                Arguments.of(
                        "the same of words",
                        model("{\"type\": \"WordLevel\", \"unk_token\": \"[UNK]\", \"vocab\": {\"<end>\": 0}}"),
                        "[UNK]"),
                Arguments.of("a file cut short", rules("decoder", "null").substring(0, 80), "not valid JSON"),
                Arguments.of("lists within lists", model("[".repeat(100_000) + "]".repeat(100_000)), "not valid JSON"));
    }

    /** Some faults show when a text holds what the file has no token for. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("faulty")
    void hasOneMessage(String name, String json, String words) {
        TokenizerException refused = assertThrows(
                TokenizerException.class,
                () -> {
                    try (Tokenizer tokenizer = open(json)) {
                        var _ = tokenizer.encode("a z");
                    }
                },
                name);
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("\n"), refused.getMessage());
    }

    /** As Llama 3 splits: tried once, in a process of its own, and used from then on. */
    @Test
    void soundPatternsAreUsed() {
        String llama =
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*"
                        + "|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+";
        try (Tokenizer tokenizer = open(rules("pre_tokenizer", split(llama)))) {
            assertEquals(Tokens.of(1, 2), tokenizer.encode("ab"));
        }
        long begin = System.nanoTime();
        open(rules("pre_tokenizer", split(llama))).close();
        assertTrue(System.nanoTime() - begin < 300_000_000L, "no second trial");
    }

    /** The tokenizers of the families that are supported, as far as they lie beside the checkout. */
    @Test
    void realTokenizersAreSound() throws IOException {
        Path real = Path.of("../../shared/models/smollm2-135m-instruct/tokenizer.json");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(real), "skipped: no " + real);
        TokenizerTrial.require(Files.readString(real), "real");
    }

    private static Tokenizer open(String json) {
        return HuggingFaceTokenizer.of(new TokenizerFiles(
                json,
                new ObjectMapper().createObjectNode(),
                Map.of(),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                "the file"));
    }

    private static String charsmap(String base64) {
        return "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"" + base64 + "\"}";
    }

    private static String split(String regex) {
        return "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"" + regex
                + "\"}, \"behavior\": \"Isolated\", \"invert\": false}";
    }

    private static String rules(String rule, String value) {
        return model(BPE).replace("\"" + rule + "\": null", "\"" + rule + "\": " + value);
    }

    private static String model(String model) {
        return "{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [{\"id\": 0, \"content\": \"<end>\","
                + " \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}],"
                + " \"normalizer\": null, \"pre_tokenizer\": null, \"post_processor\": null, \"decoder\": null, \"model\": "
                + model + "}";
    }
}
