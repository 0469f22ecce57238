package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
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

class JsonFieldsGraderTest {
    private static final Question ORDER = question("{\"name\":\"Ann Bell\",\"quantity\":3,\"city\":\"Rome\"}");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"name\": \"Ann Bell\", \"quantity\": 3, \"city\": \"Rome\"};1",
                "{\"city\":\"Rome\",\"quantity\":3.0,\"name\":\"Ann Bell\"};1",
                "{\"name\":\"Ann Bell\",\"quantity\":\"3\",\"city\":\"Rome\"};0.6666666666666666",
                "{\"name\":\"Ann\",\"city\":\"Rome\"};0.3333333333333333",
                "{\"name\":\"Ann Bell\",\"quantity\":3,\"city\":\"Rome\",\"pet\":1};0.75",
                "{};0",
                "[];0",
                "Rome;0",
                "{\"name\":\"Ann Bell\",\"name\":\"Ann Bell\"};0",
                "{\"name\":\"Ann Bell\"} and more;0",
            })
    void paysTheShareOfRightFields(String json, double score) {
        Grade.Scored scored = graded("The city is Rome.\nTherefore, the answer is: " + json);
        assertEquals(score, scored.score(), 1e-12, scored.reason());
    }

    @Test
    void namesTheFirstFieldThatIsWrong() {
        Grade.Scored scored = graded("{\"name\":\"Ann Bell\",\"quantity\":4,\"city\":\"Rome\"}");
        assertEquals(Map.of("name", 1.0, "quantity", 0.0, "city", 1.0), scored.parts());
        assertEquals("quantity is 4, expected 3", scored.reason());
    }

    @Test
    void refusesDataWhoseAnswersAreNoObjects() {
        GraderTools tools = GraderTools.plain(Cot.PROSE).with(new DataRows("data", List.of(question("7"))));
        String message = String.valueOf(
                assertThrows(GraderException.class, () -> grader(tools)).getMessage());
        assertTrue(message.contains("cannot grade q of the data: its answer is no JSON object"), message);
    }

    private static Grade.Scored graded(String completion) {
        return assertInstanceOf(
                Grade.Scored.class, grader(GraderTools.plain(Cot.PROSE)).grade(ORDER, completion));
    }

    private static Grader grader(GraderTools tools) {
        return Graders.of(JsonNodeFactory.instance.objectNode().put("type", "json_fields"), "grader", tools);
    }

    private static Question question(String answer) {
        return new Question("q", "Who?", new Answer.Text(answer), null);
    }
}
