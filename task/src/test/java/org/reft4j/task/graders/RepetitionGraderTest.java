package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.refusal;
import static org.reft4j.task.graders.GraderObjects.score;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;

final class RepetitionGraderTest {
    @Test
    void paysWhatIsNotRepeated() {
        Grader pairs = grader("{'type': 'repetition', 'n': 2}");
        assertEquals(
                new Grade.Scored(1, Map.of(), "0 of 3 n-grams are repeated"),
                pairs.grade(item("{}"), "one two three four"));
        assertEquals(
                new Grade.Scored(0.5, Map.of(), "2 of 4 n-grams are repeated"), pairs.grade(item("{}"), "a b A b a"));
        assertEquals(new Grade.Scored(1, Map.of(), "shorter than 2 words"), pairs.grade(item("{}"), "one"));
    }

    @Test
    void countsFourWordsUnlessTold() {
        Grader grader = grader("{'type': 'repetition'}");
        assertEquals(1, score(grader, "{}", "a b c a b c"));
        assertEquals(0.75, score(grader, "{}", "a b c a b c a"));
        assertEquals(0.25, score(grader("{'type': 'repetition', 'n': 1, 'unit': 'characters'}"), "{}", "aaaa"));
    }

    @Test
    void longTextsEndFast() {
        Grader grader = grader("{'type': 'repetition', 'n': 100}");
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> score(grader, "{}", "x y ".repeat(1_000_000)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'repetition', 'n': 0}|grader.n is 0.0; expected a whole number from 1 to 100",
                "{'type': 'repetition', 'n': 1.5}|grader.n is 1.5; expected a whole number from 1 to 100",
                "{'type': 'repetition', 'n': 101}|grader.n is 101.0; expected a whole number from 1 to 100",
                "{'type': 'repetition', 'unit': 'x'}|grader.unit is \"x\"; expected characters, words",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }
}
