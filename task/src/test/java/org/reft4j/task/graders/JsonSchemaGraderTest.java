package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.task.graders.GraderObjects.failure;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;

final class JsonSchemaGraderTest {
    private static final String PERSON =
            "{'type': 'object', 'required': ['name', 'age'], 'properties': {'name': {'type': 'string', 'minLength': 2},"
                    + " 'age': {'type': 'integer', 'minimum': 0}, 'tags': {'type': 'array', 'items': {'type': 'string'}}},"
                    + " 'additionalProperties': false}";
    private static final Duration SOON = Duration.ofSeconds(30);

    private static Grader schema(String schema) {
        return grader("{'type': 'json_schema', 'schema': " + schema + "}");
    }

    private static Grade.Scored grade(Grader grader, String text) {
        return (Grade.Scored) grader.grade(item("{}"), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"name\": \"Ada\", \"age\": 36}; 1; fits the schema",
                " {\"name\": \"Ada\", \"age\": 36, \"tags\": [\"x\"]} ; 1; fits the schema",
                "{\"name\": \"Ada\"}; 0; /: required property 'age' not found",
                "{\"name\": \"A\", \"age\": 3}; 0; /name: must be at least 2 characters long",
                "{\"name\": \"Ada\", \"age\": 3, \"tags\": [1]}; 0; /tags/0: integer found, string expected",
                "[]; 0; /: array found, object expected",
                "7; 0; /: integer found, object expected",
                "so: {\"name\"}; 0; no JSON: Unrecognized token 'so': was expecting (JSON String",
                "{\"name\": \"Ada\", \"name\": \"Bob\"}; 0; no JSON: Duplicate field 'name'",
                "{\"name\": \"Ada\", \"age\": 36} x; 0; no JSON: Unrecognized token 'x'",
                "'' ; 0; no JSON: the text is empty",
            })
    void paysWhatFits(String text, double score, String reason) {
        Grade.Scored grade = grade(schema(PERSON), text.equals("''") ? "" : text);
        assertEquals(score, grade.score());
        assertEquals(
                reason,
                grade.reason()
                        .substring(0, Math.min(reason.length(), grade.reason().length())));
    }

    @Test
    void weightedPartsArePaidApart() {
        Grader grader = grader("{'type': 'json_schema', 'schema': " + PERSON
                + ", 'weights': {'/name': 3, '/age': 1, '/tags': 1, '': 1}}");
        assertEquals(
                new Grade.Scored(
                        0.5,
                        Map.of("/name", 1.0, "/age", 0.0, "/tags", 0.0, "/", 0.0),
                        "/age: must have a minimum value of 0"),
                grade(grader, "{\"name\": \"Ada\", \"age\": -1}"));
        assertEquals(
                1,
                grade(grader, "{\"name\": \"Ada\", \"age\": 1, \"tags\": []}").score());
        assertEquals(
                4.0 / 6,
                grade(grader, "{\"name\": \"Ada\", \"age\": 1, \"tags\": [1]}").score());
        assertEquals(0, grade(grader, "no").score());
        assertEquals(0, grade(grader, "[]").score());
    }

    @Test
    void manyViolationsAreCounted() {
        Grade.Scored grade = grade(schema("{'items': {'type': 'string'}}"), "[1, 2, 3, 4, 5]");
        assertEquals(
                "/0: integer found, string expected; /1: integer found, string expected; /2: integer found, string expected; and 2 more",
                grade.reason());
    }

    @Test
    void schemasMayReferToThemselvesAndUseFormats() {
        String tree =
                "{'$ref': '#/$defs/node', '$defs': {'node': {'type': 'object', 'properties': {'next': {'$ref': '#/$defs/node'}}}}}";
        assertEquals(1, score(schema(tree), "{}", "{\"next\": {\"next\": {}}}"));
        assertEquals(0, score(schema(tree), "{}", "{\"next\": {\"next\": 1}}"));
        assertEquals(0, score(schema("{'format': 'date'}"), "{}", "\"2026-02-30\""));
        assertEquals(1, score(schema("{'format': 'date'}"), "{}", "\"2026-02-28\""));
        assertEquals(1, score(schema("{'pattern': '^a+$'}"), "{}", "\"aa\""));
        assertEquals(0, score(schema("{'pattern': '^a+$'}"), "{}", "\"ab\""));
        assertEquals(
                1,
                score(
                        schema("{'$schema': 'http://json-schema.org/draft-07/schema#', 'items': [{'const': 1}]}"),
                        "{}",
                        "[1]"));
        assertEquals(0, score(schema("false"), "{}", "1"));
    }

    @Test
    void theInputIsATemplate() {
        Grader grader = grader("{'type': 'json_schema', 'input': '{{ item.x }}', 'schema': {'type': 'number'}}");
        assertEquals(1, score(grader, "{'x': 1}", ""));
        assertEquals(GradeError.INVALID_VARIABLE_ERROR, failure(grader, "{}", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'json_schema'}|grader.schema is missing; give it",
                "{'type': 'json_schema', 'schema': 3}|grader.schema is 3; expected a JSON schema",
                "{'type': 'json_schema', 'schema': {'properties': {'a': {'type': 'strin'}}}}|grader.schema#/properties/a/type",
                "{'type': 'json_schema', 'schema': {'minLength': -1}}|grader.schema#/minLength must have a minimum value of 0 (is -1)",
                "{'type': 'json_schema', 'schema': {'$ref': 'https://example.com/a.json'}}|grader.schema#/$ref is"
                        + " \"https://example.com/a.json\", which leads out of the schema; nothing is fetched; correct it",
                "{'type': 'json_schema', 'schema': {'$ref': 'file:///etc/passwd'}}|grader.schema#/$ref is \"file:///etc/passwd\", which",
                "{'type': 'json_schema', 'schema': {'items': {'$dynamicRef': 'classpath:x'}}}|grader.schema#/items/$dynamicRef is",
                "{'type': 'json_schema', 'schema': {'$ref': '#/$defs/none'}}|grader.schema cannot be used: ",
                "{'type': 'json_schema', 'schema': {'$ref': '#'}}|grader.schema cannot be used: the schema leads back to itself without",
                "{'type': 'json_schema', 'schema': {'$schema': 'https://example.com/x'}}|grader.schema#/$schema is \"https://example.com/x\","
                        + " which is no known draft; correct it",
                "{'type': 'json_schema', 'schema': {'pattern': '('}}|grader.schema",
                "{'type': 'json_schema', 'schema': {}, 'weights': {}}|grader.weights is {}; expected weights by JSON pointer, such as",
                "{'type': 'json_schema', 'schema': {}, 'weights': {'a': 1}}|grader.weights names \"a\"; expected a JSON pointer: empty or with",
                "{'type': 'json_schema', 'schema': {}, 'weights': {'/a': 0}}|grader.weights./a is 0; expected a number above 0",
                "{'type': 'json_schema', 'schema': {}, 'weights': {'/a': '1'}}|grader.weights./a is \"1\"; expected a number above 0",
            })
    void faultsNameTheirPlace(String description, String message) {
        String refusal = assertTimeoutPreemptively(SOON, () -> refusal(description));
        assertEquals(message, refusal.substring(0, Math.min(message.length(), refusal.length())));
    }

    @Test
    void deepSchemasAreRefused() {
        String deep = "{'not': ".repeat(150) + "{}" + "}".repeat(150);
        assertTrue(refusal("{'type': 'json_schema', 'schema': " + deep + "}")
                .endsWith(" is nested more than 100 deep; correct it"));
    }

    @Test
    void expensivePatternsAreStopped() {
        Grader grader = schema("{'pattern': '^(.*a){20}$'}");
        assertEquals(
                GradeError.UNRESPONSIVE_REWARD_ERROR,
                assertTimeoutPreemptively(SOON, () -> failure(grader, "{}", "\"" + "a".repeat(60) + "b\"")));
    }

    @Test
    void valuesThatMultiplyTheWorkAreStopped() {
        String schema = "{'properties': {'a': {'allOf': [{'$ref': '#'}, {'$ref': '#'}, {'$ref': '#'}]}}}";
        String value = "{\"a\":".repeat(100) + "1" + "}".repeat(100);
        assertEquals(
                GradeError.UNRESPONSIVE_REWARD_ERROR,
                assertTimeoutPreemptively(SOON, () -> failure(schema(schema), "{}", value)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "1", "\"", "[1,", " "})
    void largeTextsEndFast(String piece) {
        for (int times : new int[] {1000, 900_000 / piece.length(), 5_000_000 / piece.length()}) {
            String text = piece.repeat(times);
            Grade grade = assertTimeoutPreemptively(
                    SOON, () -> schema("{'type': 'string'}").grade(item("{}"), text));
            assertEquals(0, ((Grade.Scored) grade).score());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "-1e-999999999", "1e400", "123456789012345678901234567890"})
    void extremeNumbersEndFast(String number) {
        Grader grader = schema("{'type': 'integer', 'multipleOf': 3, 'minimum': 0, 'maximum': 5}");
        Grade grade = assertTimeoutPreemptively(SOON, () -> grader.grade(item("{}"), number));
        assertTrue(grade instanceof Grade.Scored scored && scored.score() <= 1, () -> String.valueOf(grade));
    }
}
