package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.graders.AnswerGrader;

class MessagesRowsTest {
    @TempDir
    private Path folder;

    @Test
    void anAssistantsLastMessageIsTheAnnotation() throws IOException {
        Question question = read("""
                {"id": "c1", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2+2?"},
                 {"role": "assistant", "content": "def solution(): 4"}]}
                """.replace("\n ", " ")).getFirst();
        assertEquals("c1", question.id());
        assertEquals("system: Be brief.\nuser: 2+2?", question.text());
        assertEquals(new Answer.Text("def solution(): 4"), question.answer());
        // A text that looks like a program is still what the assistant said.
        assertEquals("def solution(): 4", question.rationale());
        assertEquals(1, question.targets());
        Question asked = question.withoutRationale();
        assertNull(asked.rationale());
        Conversation left = asked.conversation();
        assertNotNull(left);
        assertEquals(2, left.messages().size());
    }

    @Test
    void anAnswerToCheckAgainstNeedsNoAnnotation() throws IOException {
        List<Question> questions = read("""
                {"messages": [{"role": "user", "content": "2+2?"}], "answer": "4", "tools": [{"type": "function"}]}
                {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d", "weight": 1}], "answer": "d"}
                """);
        assertEquals("2+2?", questions.get(0).text());
        assertEquals(new Answer.Numeric("4", 4), questions.get(0).answer());
        assertEquals(0, questions.get(0).targets());
        Conversation first = questions.get(0).conversation();
        assertNotNull(first);
        assertNotNull(first.tools());
        assertEquals(1, questions.get(1).targets());
        assertEquals("user: a\nassistant: b\nuser: c", questions.get(1).text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{\"messages\": []}`|field 'messages' is missing or empty; complete the row",
                "`{\"messages\": \"hi\"}`|field 'messages' is no list",
                "`{\"messages\": [{\"content\": \"a\"}]}`|holds message 1 without a role",
                "`{\"messages\": [{\"role\": \"user\"}]}`|holds message 1 without a text as content",
                "`{\"messages\": [{\"role\": \"user\", \"content\": 7}]}`|holds message 1 without a text as content",
                "`{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {}}]}]}`|holds message 1 with a part of type 'image_url'; models of text read",
                "`{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}]}`|holds message 1 with a part without a text",
                "`{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}`|holds an answer and nothing that is asked",
                "`{\"messages\": [{\"role\": \"user\", \"content\": \"a\", \"weight\": 0.5}]}`|a weight that is neither 0 nor 1",
                "`{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"tools\": {}, \"answer\": \"1\"}`|field 'tools' is no list",
            })
    void saysWhatIsWrong(String row, String message) {
        String said = Refusal.of(() -> read(row));
        assertTrue(said.contains("chats_test.jsonl, line 1: ") && said.contains(message), said);
    }

    /** The row of OpenAI's guide, with its reference fields; its developer speaks as the system does. */
    @Test
    void rowsForAGraderNeedNoAnswer() throws IOException {
        Question question = read("""
                {"messages": [{"role": "developer", "content": "Answer in JSON."}, {"role": "user", "content": [{"type": "text", "text": "Do you have"}, {"type": "text", "text": "a security team?"}]}], "compliant": "yes", "explanation": "There is a team.", "response_format": {"type": "json_object"}, "tools": []}
                """).getFirst();
        assertEquals("system: Answer in JSON.\nuser: Do you have\na security team?", question.text());
        assertEquals("", question.answer().raw());
        assertEquals("yes", question.item().path("compliant").asText());
        assertTrue(question.item().path("answer").isMissingNode());
        assertEquals(
                "developer",
                question.item().path("messages").path(0).path("role").asText(),
                "a grader sees the row as it is");
        String said = Refusal.of(() -> AnswerGrader.require(List.of(question)));
        assertTrue(
                said.contains(
                                "chats_test.jsonl, line 1 (messages, compliant, explanation, response_format, tools): there"
                                        + " is no answer to compare completions with; give a grader")
                        && said.contains("data.fields: {answer: ...}"),
                said);
    }

    private List<Question> read(String lines) throws IOException {
        Path file = folder.resolve("chats_test.jsonl");
        Files.writeString(file, lines);
        return Datasets.open(file.toString(), Cot.PROSE).test();
    }
}
