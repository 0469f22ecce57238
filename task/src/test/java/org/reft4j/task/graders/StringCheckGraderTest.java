package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.reft4j.task.graders.GraderObjects.failure;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;

final class StringCheckGraderTest {
    private static String check(String input, String operation, String reference) {
        return "{'type': 'string_check', 'name': 'x', 'input': '%s', 'operation': '%s', 'reference': '%s'}"
                .formatted(input, operation, reference);
    }

    @ParameterizedTest
    @CsvSource({
        "eq, Yes, Yes, 1", "eq, yes, Yes, 0", "ne, yes, Yes, 1", "neq, Yes, Yes, 0",
        "like, 'it is Yes', Yes, 1", "like, 'it is yes', Yes, 0", "ilike, 'it is YES', yes, 1", "ilike, no, yes, 0",
        "eq, ' Yes', Yes, 0"
    })
    void comparesAsTheApiDoes(String operation, String written, String wanted, double expected) {
        assertEquals(
                expected,
                score(
                        grader(check("{{sample.output_text}}", operation, "{{ item.answer }}")),
                        "{'answer': '" + wanted + "'}",
                        written));
    }

    @Test
    void templatesReachIntoLists() {
        String row = "{'a': {'b': [1, {'c': 'x'}]}}";
        assertEquals(
                1,
                score(
                        grader(check("{{ sample.output_json.v[1] }}", "eq", "{{ item.a.b[1].c }}")),
                        row,
                        "{\"v\": [0, \"x\"]}"));
        assertEquals(1, score(grader(check("{{ item.a.b }}!", "eq", "[1,{\"c\":\"x\"}]!")), row, ""));
        assertEquals(1, score(grader(check("{{ item.item_id }}{{ item.question }}", "eq", "q1What is it?")), row, ""));
        assertEquals(GradeError.INVALID_VARIABLE_ERROR, failure(grader(check("{{ item.z }}", "eq", "")), row, ""));
        assertEquals(
                GradeError.INVALID_VARIABLE_ERROR,
                failure(grader(check("{{ sample.no_such_field }}", "eq", "")), row, "no json"),
                "no completion can have it");
        assertEquals(
                new Grade.NoAnswer("there is no sample.output_json.v: the completion is no JSON", true),
                grader(check("{{ sample.output_json.v }}", "eq", "")).grade(GraderObjects.item(row), "no json"));
        assertEquals(
                new Grade.NoAnswer("there is no sample.output_json.v[1]", true),
                grader(check("{{ sample.output_json.v[1] }}", "eq", "")).grade(GraderObjects.item(row), "{\"v\": []}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'string_chek'}|grader.type is \"string_chek\"; expected ",
                "[]|grader is []; expected an object",
                "{'type': 'string_check', 'reference': '', 'operation': 'eq'}|grader.input is missing; give it",
                "{'type': 'string_check', 'input': 3, 'reference': '', 'operation': 'eq'}|grader.input is 3; expected a text",
                "{'type': 'string_check', 'input': '', 'reference': '', 'operation': 'is'}|grader.operation is \"is\"; expected eq, ne",
                "{'type': 'string_check', 'input': '', 'reference': '', 'operation': 'eq', 'x': 1}|grader.x is not known to a grader of"
                        + " type string_check; expected type",
                "{'type': 'string_check', 'input': '{{ env.HOME }}', 'reference': '', 'operation': 'eq'}|grader.input holds {{ env.HOME }};"
                        + " expected item or sample",
                "{'type': 'string_check', 'input': '{{ item.a() }}', 'reference': '', 'operation': 'eq'}|grader.input holds {{ item.a() }};",
            })
    void faultsNameTheirPlace(String description, String message) {
        String refusal = refusal(description);
        assertEquals(message, refusal.substring(0, Math.min(message.length(), refusal.length())));
    }
}
