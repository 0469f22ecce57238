package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.Grade;

final class LengthGraderTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "10, 1", "11, 0.9", "15, 0.5", "20, 0", "21, 0", "100, 0"})
    void fallsBetweenTheLimits(int length, double expected) {
        assertEquals(expected, score(grader("{'type': 'length', 'soft': 10, 'hard': 20}"), "{}", "x".repeat(length)));
    }

    @Test
    void countsCharactersOrWords() {
        assertEquals(
                new Grade.Scored(0.5, Map.of(), "3 words"),
                grader("{'type': 'length', 'soft': 2, 'hard': 4, 'unit': 'words'}")
                        .grade(item("{}"), "one  two\nthree "));
        assertEquals(
                new Grade.Scored(0.5, Map.of(), "3 characters"),
                grader("{'type': 'length', 'soft': 2, 'hard': 4}").grade(item("{}"), "a😀b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'length', 'hard': 2}|grader.soft is missing; give it",
                "{'type': 'length', 'soft': 2}|grader.hard is missing; give it",
                "{'type': 'length', 'soft': 2, 'hard': 2}|grader.hard is 2.0; expected more than soft (2.0)",
                "{'type': 'length', 'soft': -1, 'hard': 2}|grader.soft is -1.0; expected 0 or more",
                "{'type': 'length', 'soft': 'x', 'hard': 2}|grader.soft is \"x\"; expected a number",
                "{'type': 'length', 'soft': 1, 'hard': 2, 'unit': 'tokens'}|grader.unit is \"tokens\"; expected characters, words",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }
}
