package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.FieldPath;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.SplitSource;

/** Rows whose fields have names of their own, and splits that have files of their own. */
class FieldNamesTest {
    @TempDir
    private Path folder;

    @Test
    void fieldsAreReadUnderTheirOwnNames() throws IOException {
        Path file = write("mine_test.jsonl", """
                {"uid": "u1", "prompt": "2+2?", "solution": "Two and two.", "meta": {"target": 4, "also": [["x"], ["y"]]}}
                {"uid": "u2", "prompt": "Colour?", "meta": {"target": "blue"}}
                """);
        List<Question> questions = Datasets.open(
                        file + ":question=prompt,answer=meta.target,rationale=solution,id=uid", Cot.PROSE)
                .test();
        assertEquals("u1", questions.get(0).id());
        assertEquals("2+2?", questions.get(0).text());
        assertEquals(new Answer.Numeric("4", 4), questions.get(0).answer());
        assertEquals("Two and two.", questions.get(0).rationale());
        assertEquals(new Answer.Text("blue"), questions.get(1).answer());
        assertNull(questions.get(1).rationale());
        // A grader sees both the row as it is and the usual names.
        ObjectNode item = questions.get(0).item();
        assertEquals("2+2?", item.path("prompt").asText());
        assertEquals("2+2?", item.path("question").asText());
        assertEquals("4", item.path("answer").asText());
        assertEquals(4, item.path("meta").path("target").asInt());
        assertEquals("y", FieldPath.value(item, "meta.also.1.0").asText());
        // Another answer, as a shuffled control puts it, stands under the row's own name as well.
        ObjectNode other = questions.get(0).with(new Answer.Text("red")).item();
        assertEquals("red", other.path("meta").path("target").asText());
        assertEquals("red", other.path("answer").asText());
        assertEquals(4, item.path("meta").path("target").asInt(), "the question itself stays");
    }

    @Test
    void aFieldWithDotsInItsNameComesFirst() throws IOException {
        Path file = write("mine_test.csv", "q.text,a\n2+2?,4\n");
        assertEquals(
                "2+2?",
                Datasets.open(file + ":question=q.text,answer=a", Cot.PROSE)
                        .test()
                        .getFirst()
                        .text());
    }

    @Test
    void exchangedNamesAreExchanged() throws IOException {
        Path file = write("mine_test.jsonl", "{\"question\": \"4\", \"answer\": \"2+2?\"}");
        Question question = Datasets.open(file + ":question=answer,answer=question", Cot.PROSE)
                .test()
                .getFirst();
        assertEquals("2+2?", question.text());
        assertEquals(new Answer.Numeric("4", 4), question.answer());
    }

    @Test
    void conversationsMayHaveAnotherName() throws IOException {
        Path file = write(
                "mine_test.jsonl",
                "{\"chat\": [{\"role\": \"user\", \"content\": \"2+2?\"}], \"target\": 4, \"question\": \"of a survey\"}");
        Question question = Datasets.open(file + ":messages=chat,answer=target", Cot.PROSE)
                .test()
                .getFirst();
        assertEquals("2+2?", question.text());
        assertEquals(new Answer.Numeric("4", 4), question.answer());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "question=promt,answer=target|FILE, line 1: there is no field 'promt', which data.fields reads question from;"
                        + " the row has prompt, target, notes",
                "question=prompt,answer=target,rationale=note|no row of FILE has the field 'note', which data.fields reads"
                        + " rationale from; the first has prompt, target, notes",
                "question=prompt,answer=notes.x|FILE, line 1: there is no field 'notes.x'",
                "question=prompt,answer=notes|FILE, line 1: field 'notes' is missing or blank",
                "question=prompt,answer=prompt|reads both answer and question from 'prompt'",
                "questions=prompt|mine.jsonl: 'questions' is no setting of data files; they have dataset, validation, test, seed, train-limit,"
                        + " test-limit, and the names of fields, question, answer, rationale, id, messages, tools",
                "question=|data.fields.question is empty",
                "question=prompt,question=target|names something twice",
                "answer=target|FILE: its first row has no known fields; expected those of conversations",
                "answer=target|it has prompt, notes, answer: say which is which by data.fields",
                "question=prompt,messages=target|a question is either a text or a conversation",
            })
    void saysWhatIsWrong(String fields, String message) throws IOException {
        Path file = write("mine.jsonl", "{\"prompt\": \"2+2?\", \"target\": 4, \"notes\": null}\n");
        String said = Refusal.of(() -> Datasets.open(file + ":" + fields, Cot.PROSE));
        assertTrue(said.contains(message.replace("FILE", file.toString())), said);
    }

    @Test
    void aFieldOfTheNameThatIsReadBesidesIsRefused() throws IOException {
        Path file = write("mine.jsonl", "{\"prompt\": \"2+2?\", \"question\": \"other\", \"answer\": 4}\n");
        String said = Refusal.of(() -> Datasets.open(file + ":question=prompt", Cot.PROSE));
        assertTrue(
                said.contains("line 1: data.fields reads question from 'prompt', and the row has a field 'question'"),
                said);
    }

    @Test
    void rowsForAGraderNeedNoAnswer() throws IOException {
        Path file = write("mine_test.jsonl", "{\"question\": \"a\", \"tests\": [1]}");
        Question question = Datasets.open(file.toString(), Cot.PROSE).test().getFirst();
        assertTrue(question.answer() instanceof Answer.Unknown);
        assertTrue(question.item().path("answer").isMissingNode());
    }

    @Test
    void splitsMayHaveFiles() throws IOException {
        Path train = write("rows.jsonl", row("a") + row("b") + row("c"));
        Path held = write("held.csv", "question,answer\nd,1\n");
        Path last = write("last.tsv", "question\tanswer\ne\t1\nf\t2\n");
        Dataset data = Datasets.open(config(train, held.toString(), last.toString()));
        assertEquals(List.of(3, 1, 2), sizes(data));
        assertTrue(data.remarks().contains("validation is " + held + ", as data.validation says"), data::toString);
        assertEquals(
                List.of(2, 1, 1),
                sizes(Datasets.open(new DataConfig(
                        null,
                        train.toString(),
                        Cot.PROSE,
                        new SplitSource.File(held.toString()),
                        1,
                        0,
                        0,
                        Map.of(),
                        new SplitSource.HeldOut(1),
                        null))));
        String said = Refusal.of(() -> Datasets.open(config(train, held + "x", last.toString())));
        assertTrue(said.contains("data.validation is '" + held + "x', which does not exist"), said);
    }

    @Test
    void idsAreUniqueAcrossSplits() throws IOException {
        Path train = write("rows.jsonl", "{\"id\": 7, \"question\": \"a\", \"answer\": 1}");
        Path held = write("held.jsonl", "{\"id\": 7, \"question\": \"b\", \"answer\": 1}");
        String said = Refusal.of(() -> Datasets.open(config(train, held.toString(), null)));
        assertTrue(said.contains("the id '7' is a train question's and a validation question's"), said);
    }

    @Test
    void generatedDataHaveNoFiles() {
        DataConfig config = new DataConfig(
                "wordproblems", null, Cot.PROSE, new SplitSource.File("held.jsonl"), 1, 0, 0, Map.of(), null, null);
        String said = Refusal.of(() -> Datasets.open(config));
        assertTrue(said.contains("data.validation is held.jsonl, but wordproblems is generated"), said);
    }

    private static DataConfig config(Path train, String validation, @Nullable String test) {
        return new DataConfig(
                null,
                train.toString(),
                Cot.PROSE,
                new SplitSource.File(validation),
                1,
                0,
                0,
                Map.of(),
                test == null ? null : new SplitSource.File(test),
                null);
    }

    private static List<Integer> sizes(Dataset data) {
        return List.of(
                data.train().size(), data.validation().size(), data.test().size());
    }

    private static String row(String question) {
        return "{\"question\": \"" + question + "\", \"answer\": 1}\n";
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
