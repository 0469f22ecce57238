package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.task.graders.GraderObjects.grader;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.json;
import static org.reft4j.task.graders.GraderObjects.refusal;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderPlugin;
import org.reft4j.task.grade.Sample;

/** Right is the right answer, or a score at or above the grader's pass threshold. */
final class RightTest {
    /** A score of 1 on a completion of one letter, 1/2 on two, and so on. */
    private static String multi(String more) {
        return "{'type': 'multi', 'graders': {'j': {'type': 'java', 'class': '" + Letters.class.getName()
                + "'}}, 'calculate_output': 'j'" + more + "}";
    }

    /** Pays one through the number of letters. */
    public static final class Letters implements GraderPlugin {
        @Override
        public Grade grade(
                com.fasterxml.jackson.databind.JsonNode item,
                Sample sample,
                com.fasterxml.jackson.databind.JsonNode options) {
            return new Grade.Scored(
                    1.0 / sample.text().length(), Map.of(), sample.text().length() + " letters");
        }
    }

    private static boolean right(String description, String completion) {
        return grader(description).grade(item("{}"), completion).right();
    }

    @Test
    void withoutAThresholdItIsAHalf() {
        assertTrue(right(multi(""), "ab"), "0.5 is at the threshold");
        assertFalse(right(multi(""), "abc"));
    }

    @Test
    void theThresholdOfTheDescriptionCounts() {
        assertFalse(right(multi(", 'pass_threshold': 0.6"), "ab"));
        assertTrue(right(multi(", 'pass_threshold': 0.6"), "a"));
        assertTrue(right(multi(", 'pass_threshold': 0.3"), "abc"));
        assertEquals(
                "grader.pass_threshold is \"0.6\"; expected a number", refusal(multi(", 'pass_threshold': '0.6'")));
    }

    @Test
    void cachedGradesCarryItToo() {
        String like = "{'type': 'string_check', 'input': '{{sample.output_text}}', 'reference': 'a', 'operation': 'eq',"
                + " 'pass_threshold': 2}";
        assertFalse(right(like, "a"), "1 is below 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'text_similarity'}|0.5",
                "{'type': 'answer'}|1",
                "{'type': 'answer', 'correct': 5, 'wrong': 2}|5",
                "{'type': 'math', 'correct': 2}|2",
                "{'type': 'score_model'}|0.5",
                "{'type': 'score_model', 'range': [0, 10]}|5",
                "{'type': 'score_model', 'range': [0, 10], 'pass_threshold': 7}|7",
            })
    void aScaleOfOnesOwnHasItsOwnDefault(String description, double threshold) {
        assertEquals(threshold, Graders.passThreshold(json(description)));
    }

    @Test
    void onlyTheRightAnswerOfThePapersGradesIsRight() {
        assertTrue(new Grade.Correct("7").right());
        assertFalse(new Grade.Wrong("8").right());
        assertFalse(new Grade.NoAnswer("none").right());
        assertFalse(new Grade.Failed(GradeError.OTHER_ERROR, "").right());
        assertThrows(IllegalArgumentException.class, () -> new Grade.Scored(1, Double.NaN, Map.of(), ""));
    }

    @Test
    void wrongAnswersThatAreWellPaidAreNotRight() {
        String answer = "{'type': 'answer', 'cot': 'n', 'correct': 5, 'wrong': 2, 'no_answer': 1}";
        Grader grader = grader(answer);
        Question question = new Question("q1", "12 - 5?", new Answer.Numeric("7", 7), null);
        assertTrue(grader.grade(question, "12 - 5 = 7\nTherefore, the answer is: 7")
                .right());
        assertFalse(grader.grade(question, "12 - 5 = 7\nTherefore, the answer is: 8")
                .right());
    }

    @Test
    void thePartsSayWhy() {
        Grade grade = grader(multi("")).grade(item("{}"), "abc");
        assertEquals(Map.of("j", 1.0 / 3), grade.parts());
        assertEquals("j: 3 letters", grade.why().orElse(""));
    }
}
