package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;

class TableRowsTest {
    @TempDir
    private Path folder;

    /** RFC 4180, section 2: quoted cells with commas, line breaks and doubled quotes; the last line may lack its end. */
    @Test
    void readsWhatTheStandardSays() throws IOException {
        List<Question> questions = read(String.join(
                "\r\n",
                "\ufeffid,question,answer,rationale",
                "x,\"Two, or",
                "\"\"three\"\"?\",\"1,000\",",
                "",
                "y, spaced ,blue,because"));
        assertEquals(
                List.of(
                        new Question("x", "Two, or\r\n\"three\"?", new Answer.Numeric("1,000", 1000), null),
                        new Question("y", " spaced ", new Answer.Text("blue"), "because")),
                questions.stream()
                        .map(each -> new Question(each.id(), each.text(), each.answer(), each.rationale()))
                        .toList());
        assertEquals("because", questions.get(1).item().path("rationale").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`question,answer\\na,1,2\\n`|line 2: 3 cells under 2 columns (question, answer)",
                "`question,answer\\n\"a\\nb\",1\\n\\nb\\n`|line 5: 1 cells under 2 columns",
                "`question,answer\\n\"a\\nb,1\\n`|no table: Missing closing quote",
                "`question,answer\\n\"a\"b,1\\n`|line 2: no table: Unexpected character",
                "`question,answer,question\\na,1,2\\n`|line 1: two columns are called 'question'",
                "`question,,answer\\na,1,2\\n`|line 1: column 2 has no name",
                "`question;answer\\na;1\\n`|line 1: one column only, 'question;answer'; .csv has commas",
                "`question,answer\\n,1\\n`|line 2: field 'question' is missing or blank",
                "`colour,answer\\nblue,1\\n`|its first row has no known fields",
                "`colour,answer\\nblue,1\\n`|it has colour, answer: say which is which by data.fields",
                "`question,answer\\n`|holds no questions",
                "``|is empty",
            })
    void saysWhatIsWrong(String text, String message) throws IOException {
        String said = Refusal.of(() -> read(text == null ? "" : text.replace("\\n", "\n")));
        assertTrue(said.contains(message) && said.contains("rows_test.csv"), said);
    }

    @Test
    void bytesThatAreNoUtf8() throws IOException {
        Path file = Files.write(
                folder.resolve("rows_test.csv"),
                "question,answer\ncaf\u00e9,1\n".getBytes(StandardCharsets.ISO_8859_1));
        String said = Refusal.of(() -> Datasets.open(file.toString(), Cot.PROSE));
        assertTrue(said.contains("line 2: not valid UTF-8"), said);
    }

    @Test
    void aFolderMayHoldTables() throws IOException {
        Files.writeString(folder.resolve("train.csv"), "question,answer\na,1\nb,2\n");
        Files.writeString(folder.resolve("test.tsv"), "question\tanswer\nc\t\"1\t2\"\n");
        Files.writeString(folder.resolve("notes.csv"), "colour\nblue\n");
        Dataset data =
                Datasets.open(new DataConfig(null, folder.toString(), Cot.PROSE, 0, 1, 0, 0, java.util.Map.of()));
        assertEquals(2, data.train().size());
        assertEquals(new Answer.Text("1\t2"), data.test().getFirst().answer());
        assertTrue(data.remarks().contains("notes.csv is ignored: its rows have no known fields"), data::toString);
    }

    private List<Question> read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("rows_test.csv"), text);
        return Datasets.open(file.toString(), Cot.PROSE).test();
    }
}
