package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;

class CountdownGraderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TRIGGER = "3 * 5 = 15\n15 + 7 = 22\nTherefore, the answer is: ";

    @ParameterizedTest
    @CsvSource({
        "(3 * 5) + 7, correct",
        "7 + 5 * 3, correct",
        "3 * 5 + 6, wrong",
        "22, wrong",
        "15 + 7, wrong",
        "3 * 5 + 7 + 7 - 7, wrong",
        "3 * 7 + 5, wrong",
        "3 * 5 + 7 = 22, no-answer",
        "eleven, no-answer",
    })
    void paysAnyRightWay(String written, String label) throws JsonProcessingException {
        assertEquals(label, grader("once").grade(puzzle(), TRIGGER + written).label());
    }

    @Test
    void eachNumberMayBeLeftOutWhereThatIsAllowed() throws JsonProcessingException {
        Question question = puzzle(new Answer.Text("5 * 3"), "{\"numbers\": [7, 3, 5]}");
        assertEquals("wrong", grader("once").grade(question, TRIGGER + "3 * 5").label());
        assertEquals(
                "correct",
                grader("at-most-once").grade(question, TRIGGER + "3 * 5").label());
        assertEquals(
                "wrong",
                grader("at-most-once")
                        .grade(question, TRIGGER + "3 * 3 + 3 + 3")
                        .label());
    }

    @Test
    void theTargetMayBeANumber() throws JsonProcessingException {
        Question question = puzzle(new Answer.Numeric("22.0", 22), "{\"numbers\": [3, 5, 7]}");
        assertEquals(
                "correct", grader("once").grade(question, TRIGGER + "3 * 5 + 7").label());
    }

    @Test
    void aFractionOnTheWayIsExact() throws JsonProcessingException {
        Question question = puzzle(new Answer.Text("24"), "{\"numbers\": [3, 3, 8, 8]}");
        assertEquals(
                "correct", grader("once").grade(question, "8 / (3 - 8 / 3)").label());
    }

    @Test
    void failsWithoutNumbers() throws JsonProcessingException {
        Question question = puzzle(new Answer.Text("24"), "{\"number\": [3]}");
        Grade.Failed failed =
                assertInstanceOf(Grade.Failed.class, grader("once").grade(question, "24"));
        assertTrue(failed.reason().contains("item.numbers"), failed.reason());
    }

    @Test
    void refusesDataThatItCannotGrade() throws JsonProcessingException {
        Question question = puzzle(new Answer.Text("x"), "{\"numbers\": [3]}");
        GraderTools tools = GraderTools.plain(Cot.PROSE).with(new DataRows("data", List.of(question)));
        String message = String.valueOf(assertThrows(
                        GraderException.class,
                        () -> Graders.of(JSON.readTree("{\"type\": \"countdown\"}"), "grader", tools))
                .getMessage());
        assertTrue(message.contains("cannot grade q of the data"), message);
    }

    private static Grader grader(String use) {
        ObjectNode description =
                JSON.createObjectNode().put("type", "countdown").put("use", use);
        return Graders.of(description, "grader", GraderTools.plain(Cot.PROSE));
    }

    private static Question puzzle() throws JsonProcessingException {
        return puzzle(new Answer.Text("(3 * 5) + 7"), "{\"numbers\": [7, 3, 5]}");
    }

    private static Question puzzle(Answer answer, String row) throws JsonProcessingException {
        return new Question("q", "Make it.", answer, null, null, (ObjectNode) JSON.readTree(row));
    }
}
