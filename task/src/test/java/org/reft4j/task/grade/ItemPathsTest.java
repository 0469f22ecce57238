package org.reft4j.task.grade;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;

class ItemPathsTest {
    private static JsonNode grader(String json) throws JsonProcessingException {
        return new ObjectMapper().readTree(json.replace('\'', '"'));
    }

    private static List<Question> questions(int count) {
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            questions.add(new Question("q" + i, "1 + 1", new Answer.Text("2"), null));
        }
        return questions;
    }

    private static void require(String json) throws JsonProcessingException {
        ItemPaths.require(grader(json), "grader", "train split", questions(2));
    }

    @Test
    void theMessageNamesFieldRowAndWhatThereIs() {
        GraderException lacking = assertThrows(
                GraderException.class,
                () -> require("{'type': 'string_check', 'input': '{{sample.output_text}}', 'reference':"
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
                () -> require("{'type': 'multi', 'graders': {'a': {'type': 'answer', 'input': '{{item.x.y}}'}}}"));
        assertTrue(
                String.valueOf(nested.getMessage()).startsWith("grader.graders.a.input names {{ item.x.y }}"),
                nested.getMessage());
        GraderException message = assertThrows(
                GraderException.class,
                () -> require("{'type': 'score_model', 'input': [{'role': 'user', 'content': '{{item.x}}'}]}"));
        assertTrue(
                String.valueOf(message.getMessage()).startsWith("grader.input[0].content names"), message.getMessage());
    }

    @Test
    void whatIsThereIsAccepted() {
        assertDoesNotThrow(() -> require("{'input': '{{item.answer}} {{item.question}} {{sample.anything}}'}"));
        assertDoesNotThrow(() -> require("{'type': 'python', 'source': 'f\\\"{{item.x}} {{1}}\\\"'}"));
    }
}
