package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.reft4j.task.graders.GraderObjects.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.judge.FakePauses;
import org.reft4j.task.judge.StubServer;

/** Figures from Python's libraries are in {@link SimilarityGoldenTest}; here, some that can be checked by hand, and all that can go wrong. */
final class TextSimilarityGraderTest {
    private static final double ROUNDING = 1e-12;

    private static String description(String metric, String more) {
        return "{'type': 'text_similarity', 'name': 'x', 'input': '{{ sample.output_text }}', 'reference': '{{ item.wanted }}',"
                + " 'evaluation_metric': '" + metric + "', 'pass_threshold': 0.5" + more + "}";
    }

    private static double score(String metric, String wanted, String written) {
        return GraderObjects.score(
                GraderObjects.grader(description(metric, "")), "{'wanted': '" + wanted + "'}", written);
    }

    @ParameterizedTest
    @CsvSource({
        // 3 of 4 runs of one word, 1 of 3 of two, none of 2 of three (0.1), none of 1 of four (0.1), to the power of
        // 1/4.
        "bleu, a b c d, a b x d, 0.18803015465431969",
        // 3 + 1 of 4 + 3 + 2 + 1 runs.
        "gleu, a b c d, a b x d, 0.4",
        "rouge_1, a b c d, a b x d, 0.75",
        "rouge_2, a b c d, a b x d, 0.3333333333333333",
        "rouge_3, a b c d, a b x d, 0",
        "rouge_5, a b c d e, a b c d e, 1",
        // In common are b, c, d.
        "rouge_l, a b c d, b c d a, 0.75",
        // 4 insertions and deletions among 6 + 7 characters would be less than the words in any order, at 0.95.
        "fuzzy_match, new york, york new, 0.95",
        // The shorter one stands in the longer one whole.
        "fuzzy_match, 42, the answer is 42, 0.9",
        "fuzzy_match, 4, 'a, b, c, d, e, f, 4', 0.6", // and more than 8 times as long
        // One chunk of two words: 1 - 0.5 / 8.
        "meteor, a b, A B, 0.9375",
        // Two chunks of two words: 1 - 0.5.
        "meteor, a b, b a, 0.5",
        // Equal stems count as equal words.
        "meteor, he runs, he running, 0.9375",
        "meteor, car, automobile, 0"
    })
    void scoresAsTheDefinitionSays(String metric, String wanted, String written, double expected) {
        assertEquals(expected, score(metric, wanted, written), ROUNDING);
    }

    @ParameterizedTest
    @CsvSource({"fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_l"})
    void nothingIsLikeNothing(String metric) {
        assertEquals(0, score(metric, "", ""));
        assertEquals(0, score(metric, "x", ""));
        assertEquals(0, score(metric, "", "x"));
        assertEquals(0, score(metric, "?", "!"));
    }

    @Test
    void endingsAreTakenOffWhereWanted() {
        String row = "{'wanted': 'hopping cats'}";
        assertEquals(0, GraderObjects.score(GraderObjects.grader(description("rouge_1", "")), row, "hopped cat"));
        // Words of three letters and less are left as they are.
        assertEquals(
                0.5,
                GraderObjects.score(
                        GraderObjects.grader(description("rouge_1", ", 'use_stemmer': true")),
                        row,
                        "hopped cats not dog"),
                0.2);
    }

    /** A model that repeats itself must not hold a run up. */
    @ParameterizedTest
    @CsvSource({"fuzzy_match", "bleu", "gleu", "meteor", "rouge_5", "rouge_l"})
    void longTextsAreComparedInTime(String metric) {
        String longText = "ab ".repeat(10_000);
        String other = "ba b".repeat(2_000);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> score(metric, longText, other));
        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> score(metric, "a".repeat(30_000), "y".repeat(15_000) + "a"));
    }

    @Test
    void missingVariablesFail() {
        assertEquals(
                GradeError.INVALID_VARIABLE_ERROR,
                GraderObjects.failure(GraderObjects.grader(description("bleu", "")), "{}", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "levenshtein||grader.evaluation_metric is \"levenshtein\"; expected fuzzy_match, bleu, gleu, meteor, rouge_1,"
                        + " rouge_2, rouge_3, rouge_4, rouge_5, rouge_l, cosine",
                "bleu|, 'use_stemmer': true|grader.use_stemmer is true; only the metrics rouge_1 to rouge_5 and rouge_l know of it",
                "bleu|, 'timeout': 3|grader.timeout is not known to a grader of type text_similarity; expected type, name,"
                        + " pass_threshold, use_stemmer, wordnet, evaluation_metric, input, reference",
                "cosine||grader.evaluation_metric is \"cosine\", which needs the embedding model text-embedding-3-large; give it"
                        + " an entry in the model map (\"*\" does not count), or choose another metric; mapped is nothing",
            })
    void faultsNameTheirPlace(String metric, String more, String message) {
        assertEquals(message, GraderObjects.refusal(description(metric, more == null ? "" : more)));
    }

    private static ModelMap embeddings(StubServer server) {
        return ModelMap.of(
                json("{'text-embedding-3-large': {'url': '%s', 'model': 'bge-m3'}}".formatted(server.url("/v1"))),
                "models",
                Map.<String, String>of()::get,
                new FakePauses());
    }

    private static Grader cosine(StubServer server, String more) {
        return GraderObjects.grader(description("cosine", more), GraderObjects.tools(embeddings(server)));
    }

    @ParameterizedTest
    @CsvSource({"'[3, 4]', '[6, 8]', 1", "'[1, 0]', '[0, 1]', 0", "'[3, 4]', '[4, 3]', 0.96", "'[1]', '[-1]', 0"})
    void cosinesAreComputedFromEmbeddings(String one, String other, double expected) throws IOException {
        try (StubServer server = new StubServer()) {
            server.json(
                    "{'data': [{'index': 0, 'embedding': %s}, {'index': 1, 'embedding': %s}]}".formatted(one, other));
            assertEquals(expected, GraderObjects.score(cosine(server, ""), "{'wanted': 'w'}", "it"), ROUNDING);
            JsonNode body = server.calls().getFirst().json();
            assertEquals("/v1/embeddings", server.calls().getFirst().path());
            assertEquals(json("{'model': 'bge-m3', 'input': ['it', 'w'], 'encoding_format': 'float'}"), body);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}",
                "{'data': [{'embedding': [1]}]}",
                "{'data': [{'embedding': [1]}, {'embedding': [1, 2]}]}",
                "{'data': [{'embedding': []}, {'embedding': []}]}",
                "{'data': [{'embedding': ['x']}, {'embedding': [1]}]}",
                "{'data': [{'embedding': [0]}, {'embedding': [1]}]}",
                "no json",
            })
    void oddEmbeddingsFail(String reply) throws IOException {
        try (StubServer server = new StubServer()) {
            server.json(reply);
            assertEquals(
                    GradeError.MODEL_GRADER_SERVER_ERROR,
                    GraderObjects.failure(cosine(server, ""), "{'wanted': 'w'}", "it"));
        }
    }

    @Test
    void silentEmbeddingsFail() throws IOException {
        try (StubServer server = new StubServer()) {
            server.hang();
            assertEquals(
                    GradeError.UNRESPONSIVE_REWARD_ERROR,
                    GraderObjects.failure(cosine(server, ", 'timeout': 0.3"), "{'wanted': 'w'}", "it"));
        }
    }
}
