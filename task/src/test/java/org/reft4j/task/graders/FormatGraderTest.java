package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
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
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;

final class FormatGraderTest {
    private static final String THINK = "{'type': 'format', 'sections': ['<think>', '</think>', 'Answer:']%s}";

    private static Grade.Scored grade(String description, String text) {
        return (Grade.Scored) grader(description).grade(item("{}"), text);
    }

    @Test
    void patternsFitSomewhereOrTheWhole() {
        assertEquals(1, score(grader("{'type': 'format', 'pattern': '\\\\d+'}"), "{}", "x 12 y"));
        assertEquals(0, score(grader("{'type': 'format', 'pattern': '\\\\d+'}"), "{}", "x y"));
        assertEquals(0, score(grader("{'type': 'format', 'pattern': '\\\\d+', 'whole': true}"), "{}", "x 12 y"));
        assertEquals(1, score(grader("{'type': 'format', 'pattern': '\\\\d+', 'whole': true}"), "{}", "12"));
    }

    @Test
    void sectionsStandInTheirOrder() {
        String all = THINK.formatted("");
        assertEquals(new Grade.Scored(1, Map.of(), "has the form"), grade(all, "<think>a</think>Answer: 3"));
        assertEquals(
                new Grade.Scored(0, Map.of(), "'</think>' is missing; 'Answer:' is missing"), grade(all, "<think>a"));
        assertEquals(
                new Grade.Scored(0, Map.of(), "'Answer:' stands too early"), grade(all, "Answer: <think>a</think>"));
    }

    @Test
    void aShareCanBePaid() {
        String share = THINK.formatted(", 'pattern': 'x', 'share': true");
        assertEquals(0.75, grade(share, "<think>a</think>Answer: 3").score());
        assertEquals(
                "the pattern does not fit",
                grade(share, "<think>a</think>Answer: 3").reason());
        assertEquals(0, grade(share, "").score());
    }

    @Test
    void theInputIsATemplate() {
        Grader grader = grader("{'type': 'format', 'pattern': '^1$', 'input': '{{ item.x }}'}");
        assertEquals(1, score(grader, "{'x': 1}", ""));
        assertEquals(GradeError.INVALID_VARIABLE_ERROR, failure(grader, "{}", ""));
    }

    @Test
    void expensivePatternsAreStopped() {
        Grader grader = grader("{'type': 'format', 'pattern': '^(.*a){20}$'}");
        GradeError error =
                assertTimeoutPreemptively(Duration.ofSeconds(30), () -> failure(grader, "{}", "a".repeat(100) + "b"));
        assertEquals(GradeError.UNRESPONSIVE_REWARD_ERROR, error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'format'}|grader.pattern is missing, and so are sections; give one of them",
                "{'type': 'format', 'pattern': '('}|grader.pattern is no regular expression: Unclosed group at 1; expected one of Java's",
                "{'type': 'format', 'sections': ['']}|grader.sections holds an empty text; name what must be there",
                "{'type': 'format', 'sections': 'x'}|grader.sections is \"x\"; expected a list of texts",
                "{'type': 'format', 'pattern': 'x', 'whole': 'x'}|grader.whole is \"x\"; expected true or false",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, refusal(description));
    }
}
