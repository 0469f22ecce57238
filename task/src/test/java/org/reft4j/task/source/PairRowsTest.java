package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Question;

class PairRowsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"preferred_output, non_preferred_output", "preferred_completion, non_preferred_completion"})
    void theAnswerOfAConversationIsThePreferredMessage(String preferred, String other) throws IOException {
        Question question =
                read("""
                {"input": {"messages": [{"role": "user", "content": "2+2?"}], "tools": [{"type": "function"}]},
                 "%s": [{"role": "assistant", "content": "4"}], "%s": [{"role": "assistant", "content": "5"}]}
                """.formatted(preferred, other).replace("\n ", " ")).getFirst();
        assertEquals("2+2?", question.text());
        assertEquals("4", question.rationale());
        Conversation conversation = question.conversation();
        assertNotNull(conversation);
        assertNotNull(conversation.tools());
        assertEquals(2, conversation.messages().size());
    }

    @Test
    void theAnswerOfAQuestionIsTheChosenText() throws IOException {
        List<Question> questions = read("""
                {"prompt": "2+2?", "chosen": "4", "rejected": "5"}
                {"question": "3+3?", "chosen": "six", "rejected": "5", "id": "q7"}
                """);
        assertEquals("2+2?", questions.get(0).text());
        assertEquals("4", questions.get(0).answer().raw());
        assertEquals("q7", questions.get(1).id());
    }

    @Test
    void aRowThatSaysTheAnswerIsReadAsAPlainOne() throws IOException {
        Question question =
                read("{\"question\": \"2+2?\", \"answer\": \"4\", \"chosen\": \"It is 4\", \"rejected\": \"5\"}\n")
                        .getFirst();
        assertEquals("4", question.answer().raw());
    }

    @Test
    void aFaultNamesItsLine() throws IOException {
        DataException refused = assertThrows(DataException.class, () -> read("""
                        {"input": {"messages": [{"role": "user", "content": "a"}]}, "preferred_output": [{"role": "assistant", "content": "b"}]}
                        {"input": {"messages": []}, "preferred_output": [{"role": "assistant", "content": "b"}]}
                        """));
        assertTrue(String.valueOf(refused.getMessage()).contains("line 2"), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).contains("input.messages"), refused.getMessage());
    }

    private List<Question> read(String lines) throws IOException {
        Path file = Files.writeString(folder.resolve("train.jsonl"), lines);
        return Datasets.open(new DataConfig(null, file.toString(), Cot.PROSE, 0, 0, 0, 0, Map.of()))
                .train();
    }
}
