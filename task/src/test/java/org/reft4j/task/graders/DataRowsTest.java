package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.ModelMap;

class DataRowsTest {
    private static List<Question> questions(int count) {
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            questions.add(new Question("q" + i, "1 + 1", new Answer.Text("2"), null));
        }
        return questions;
    }

    private static void read(String grader) {
        ModelMap models =
                ModelMap.of(GraderObjects.json("{'judge': {'url': 'http://localhost:1/v1'}}"), "models", _ -> null);
        GraderTools tools = GraderObjects.tools(models).with(new DataRows("train split", questions(2)));
        var _ = GraderObjects.grader(grader, tools);
    }

    @Test
    void theMessageNamesFieldRowAndWhatThereIs() {
        GraderException lacking = assertThrows(
                GraderException.class,
                () -> read("{'type': 'string_check', 'operation': 'eq', 'input': '{{sample.output_text}}', 'reference':"
                        + " '{{ item.anwser }}'}"));
        assertEquals(
                "grader.reference names {{ item.anwser }}, which row 1 of the train split (q0) lacks; it has"
                        + " item.item_id, item.question, item.answer",
                lacking.getMessage());
    }

    @Test
    void nestedGradersAndMessagesAreLookedAt() {
        GraderException nested = assertThrows(
                GraderException.class,
                () -> read("{'type': 'multi', 'graders': {'a': {'type': 'math', 'input': '{{item.x.y}}'}},"
                        + " 'calculate_output': 'a'}"));
        assertTrue(
                String.valueOf(nested.getMessage()).startsWith("grader.graders.a.input names {{ item.x.y }}"),
                nested.getMessage());
        GraderException message = assertThrows(
                GraderException.class,
                () -> read("{'type': 'score_model', 'model': 'judge', 'input': [{'role': 'user', 'content':"
                        + " '{{item.x}}'}]}"));
        assertTrue(
                String.valueOf(message.getMessage()).startsWith("grader.input[0].content names"), message.getMessage());
    }

    @Test
    void whatIsThereIsAccepted() {
        assertDoesNotThrow(() -> read("{'type': 'string_check', 'operation': 'eq', 'input':"
                + " '{{item.answer}} {{item.question}} {{sample.anything}}', 'reference': ''}"));
    }

    @Test
    void bracesOutsideOfTemplatesMeanNothing() {
        assertDoesNotThrow(() -> read("{'type': 'string_check', 'name': '{{ item.x }}', 'operation': 'eq', 'input': '',"
                + " 'reference': ''}"));
        assertDoesNotThrow(() -> read("{'type': 'format', 'pattern': '[{][{]1}}'}"));
        assertDoesNotThrow(() -> read("{'type': 'label_model', 'model': 'judge', 'labels': ['{{a}}', 'b'],"
                + " 'passing_labels': ['b'], 'input': [{'role': 'user', 'content': 'x'}]}"));
    }
}
