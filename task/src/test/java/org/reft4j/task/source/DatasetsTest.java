package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Likeness;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;

class DatasetsTest {
    private static final String REFERENCE_PROSE = """
            [{"item_id": "svamp_0", "question": "one ?", "answer_cot": "It is 1.", "answer_value": "1.0"},
             {"item_id": "svamp_7", "question": "two ?", "answer_cot": "It is 2.", "answer_value": "2,000"}]
            """;

    private static final String REFERENCE_PROGRAM = """
            [{"item_id": "svamp_0", "question": "one ?", "answer_cot": "def solution():\\n    return 1", "answer_value": "1.0"}]
            """;

    private static final String REFERENCE_TEST = """
            [{"item_id": "svamp_9", "question": "nine ?", "answer_value": "9.0"}]
            """;

    @TempDir
    private Path folder;

    @Test
    void theReferencesFilesAreChosenByKindOfReasoning() throws IOException {
        write("svamp_nl.json", REFERENCE_PROSE);
        write("svamp_python_sdp.json", REFERENCE_PROGRAM);
        write("svamp_test_set.json", REFERENCE_TEST);
        write("SVAMP.json", """
            [{"ID": "chal-1", "Body": "A pack costs 7.", "Question": "How much ?", "Answer": 7.0}]""");
        write("notes.json", "[{\"colour\": \"blue\"}]");

        Dataset prose = open(Cot.PROSE, 0);
        assertEquals("svamp", prose.name());
        assertEquals(
                new Question("svamp_7", "two ?", new Answer.Numeric("2,000", 2000), "It is 2."),
                bare(prose.train().get(1)));
        assertEquals(
                List.of(new Question("svamp_9", "nine ?", new Answer.Numeric("9.0", 9), null)), bare(prose.test()));
        assertEquals(
                List.of(
                        "notes.json is ignored: its rows have no known fields",
                        "SVAMP.json is ignored: another file serves as test",
                        "train is svamp_nl.json (the ReFT reference code's format)",
                        "svamp_python_sdp.json is ignored: its rationales are of the other kind",
                        "test is svamp_test_set.json (the ReFT reference code's format)"),
                prose.remarks());
        assertEquals(
                "def solution():\n    return 1",
                open(Cot.PROGRAM, 0).train().getFirst().rationale());
    }

    /** Without the row that it was read from. */
    private static Question bare(Question question) {
        return new Question(
                question.id(), question.text(), question.answer(), question.rationale(), question.conversation(), null);
    }

    private static List<Question> bare(List<Question> questions) {
        return questions.stream().map(DatasetsTest::bare).toList();
    }

    @Test
    void gsm8kLosesItsCalculatorMarks() throws IOException {
        write("train.jsonl", """
            {"question": "How many?", "answer": "It is 48/2 = <<48/2=24>>24.\\nSo $<<24*50=1200>>1,200.\\n#### 1,200"}
            """);
        write("test.jsonl", "{\"question\": \"And?\", \"answer\": \"#### -3\"}\n");
        Dataset data = open(Cot.PROSE, 0);
        assertEquals("gsm8k", data.name());
        assertEquals(
                new Question(
                        "gsm8k_train_0", "How many?", new Answer.Numeric("1200", 1200), "It is 48/2 = 24.\nSo $1,200."),
                bare(data.train().getFirst()));
        assertEquals(
                new Question("gsm8k_test_0", "And?", new Answer.Numeric("-3", -3), null),
                bare(data.test().getFirst()));
    }

    @Test
    void theOriginalSvampJoinsBodyAndQuestion() throws IOException {
        Path file = write("SVAMP.json", """
            [{"ID": "chal-1", "Body": "If a pack costs 76 dollars ", "Question": "How much is it?", "Equation": "( 76.0 )",
              "Answer": 51.0, "Type": "Subtraction"}]""");
        Dataset data = Datasets.open(file.toString(), Cot.PROGRAM);
        assertEquals(
                List.of(new Question(
                        "svamp_chal-1",
                        "If a pack costs 76 dollars How much is it?",
                        new Answer.Numeric("51.0", 51),
                        null)),
                bare(data.test()));
        assertEquals(List.of(), data.train());
    }

    @Test
    void multipleChoiceIsSpeltAsInMathQa() throws IOException {
        Path aqua = write("test.json", """
            {"question": "What is 2 * 3?", "options": ["A)5", "B)6", "C) 7"], "rationale": "2 * 3 = 6.", "correct": "B"}
            """);
        Question question = Datasets.open(aqua.toString(), Cot.PROSE).test().getFirst();
        assertEquals("What is 2 * 3?\na ) 5 , b ) 6 , c ) 7", question.text());
        assertEquals(new Answer.Choice("b", "b"), question.answer());
        assertEquals("2 * 3 = 6.", question.rationale());

        Path mathqa = write("dev.json", """
            [{"Problem": "2 * 3 ?", "Rationale": "six", "options": "a ) 5 , b ) 6", "correct": "b", "category": "general"}]""");
        Dataset data = Datasets.open(mathqa.toString(), Cot.PROSE);
        assertEquals("mathqa", data.name());
        assertEquals("2 * 3 ?\na ) 5 , b ) 6", data.validation().getFirst().text());
    }

    @Test
    void plainRowsTakeNumbersAndTexts() throws IOException {
        Path file = write("mine_test.jsonl", """
            {"question": "a?", "answer": 7}

            {"question": "b?", "answer": "1,5", "id": "b"}\r
            {"question": "c?", "answer": "blue", "rationale": "as the sky"}""");
        List<Question> test = Datasets.open(file.toString(), Cot.PROSE).test();
        assertEquals(
                List.of(
                        new Question("jsonl_mine_test_0", "a?", new Answer.Numeric("7", 7), null),
                        new Question("b", "b?", new Answer.Numeric("1,5", 15), null),
                        new Question("jsonl_mine_test_2", "c?", new Answer.Text("blue"), "as the sky")),
                bare(test));
        assertEquals("blue", test.get(2).item().path("answer").asText());
        assertEquals("as the sky", test.get(2).item().path("rationale").asText(), "graders see the whole row");
    }

    @Test
    void missingSplitsAreHeldOutOfTrainAlike() throws IOException {
        write("train.jsonl", rows(400));
        Dataset data = open(Cot.PROSE, 0.1);
        assertEquals(40, data.test().size());
        assertEquals(36, data.validation().size());
        assertEquals(324, data.train().size());
        assertEquals(400, ids(data));
        long small = data.test().stream()
                .filter(question -> ((Answer.Numeric) question.answer()).value() < 9)
                .count();
        assertTrue(small >= 19 && small <= 21, () -> small + " small answers of 40, where half are small");
        assertEquals(data, open(Cot.PROSE, 0.1));
        assertEquals(50, open(Cot.PROSE, 50).validation().size());
        assertTrue(
                data.remarks().toString().contains("36 of 360 train questions are held out"), data.remarks()::toString);
    }

    @Test
    void aQuestionThatOccursTwiceIsNotDivided() throws IOException {
        write("train.jsonl", rows(100) + rows(100).replace("?", " ?"));
        Dataset data = open(Cot.PROSE, 0.2);
        for (Question question : data.test()) {
            String text = Likeness.normalised(question.text());
            assertEquals(
                    2,
                    data.test().stream()
                            .filter(other -> Likeness.normalised(other.text()).equals(text))
                            .count());
        }
        assertTrue(data.remarks().toString().contains("train questions repeat the text"), data.remarks()::toString);
    }

    @Test
    void limitsTakeTheFirst() throws IOException {
        write("train.jsonl", rows(20));
        write("valid.jsonl", rows(5));
        write("test.jsonl", rows(10));
        Dataset data = Datasets.open(new DataConfig("jsonl", folder.toString(), Cot.PROSE, 0.1, 1, 4, 3, Map.of()));
        assertEquals(
                List.of(4, 5, 3),
                List.of(
                        data.train().size(),
                        data.validation().size(),
                        data.test().size()));
        assertTrue(data.remarks().contains("5 validation questions also occur in train"), data.remarks()::toString);
    }

    /** Short warm-ups of several lengths differ in what the longer ones have more, and all are validated by the same questions. */
    @Test
    void aLargerLimitHoldsASmallerOne() throws IOException {
        write("train.jsonl", rows(20));
        Dataset few = limited(4);
        Dataset more = limited(8);
        assertEquals(few.train(), more.train().subList(0, 4));
        assertEquals(8, more.train().size());
        assertEquals(few.validation(), more.validation());
        assertEquals(more.train(), limited(8).train());
        assertEquals(more.train(), limited(0).train().subList(0, 8));
        assertEquals(generated(3).train(), generated(7).train().subList(0, 3));
    }

    private Dataset limited(int limit) {
        return Datasets.open(new DataConfig("jsonl", folder.toString(), Cot.PROSE, 0.2, 1, limit, 0, Map.of()));
    }

    private static Dataset generated(int limit) {
        return Datasets.open(new DataConfig(
                "wordproblems", null, Cot.PROSE, 0.2, 1, limit, 0, Map.of("annotated", "10", "answers", "0")));
    }

    @Test
    void rationalesOfTheOtherKindAreDroppedWhereNothingIsLearned() throws IOException {
        Path file = write("svamp_test_set.json", REFERENCE_PROSE);
        assertNull(Datasets.open(file.toString(), Cot.PROGRAM).test().getFirst().rationale());
        assertInstanceOf(
                Answer.Numeric.class,
                Datasets.open(file.toString(), Cot.PROSE).test().getFirst().answer());
    }

    private Dataset open(Cot cot, double validation) {
        return Datasets.open(new DataConfig(null, folder.toString(), cot, validation, 1, 0, 0, Map.of()));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Half of the answers have one digit, half have two. */
    private static String rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"question\": \"number " + i + " ?\", \"answer\": " + (i % 2 == 0 ? 5 : 50) + "}\n")
                .collect(Collectors.joining());
    }

    private static long ids(Dataset data) {
        return Stream.of(Split.values())
                .flatMap(split -> data.questions(split).stream())
                .map(Question::id)
                .distinct()
                .count();
    }
}
