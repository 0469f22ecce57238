package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GradeCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TRIGGER = "\\nTherefore, the answer is: ";

    @TempDir
    private Path folder;

    private Path data = Path.of("");
    private Path completions = Path.of("");

    @BeforeEach
    void writeQuestions() throws IOException {
        data = Files.writeString(folder.resolve("gsm8k_test_set.json"), """
                [{"item_id": "gsm8k_1", "question": "One and one?", "answer_cot": "1 + 1 = 2", "answer_value": "2"},
                 {"item_id": "gsm8k_2", "question": "Two and two?", "answer_cot": "2 + 2 = 4", "answer_value": "4"}]
                """);
        completions = folder.resolve("completions.jsonl");
    }

    @Test
    void gradesEachLineAndAddsUp() throws IOException {
        write(
                line("gsm8k_1", "1 + 1 = 2" + TRIGGER + "2.0"),
                line("gsm8k_2", "2 + 2 = 5" + TRIGGER + "5"),
                "",
                line("gsm8k_2", "I do not know"));
        Cli cli = Cli.run("grade", "--data", data, "--cot", "n", completions).done();
        String[] lines = cli.out().strip().split("\n", -1);
        assertEquals(3, lines.length, cli.out());
        check(lines[0], "correct", "2.0", 1.0);
        check(lines[1], "wrong", "5.0", 0.1);
        JsonNode none = JSON.readTree(lines[2]);
        assertEquals("no-answer", none.path("grade").asText());
        assertTrue(none.path("extracted").isNull());
        assertFalse(none.path("reason").asText().isEmpty());
        assertEquals(0.0, none.path("reward").asDouble(-1));
        assertTrue(
                cli.err()
                        .startsWith(
                                "3 graded: 1 correct (33.3 %), 1 wrong, 1 without answer, 0 scored, 0 failed; mean reward 0.3667; "),
                cli.err());
    }

    @Test
    void aGraderOfOnesOwnIsDescribedInAFile() throws IOException {
        Path grader = Files.writeString(folder.resolve("grader.yaml"), """
                type: string_check
                input: "{{ sample.output_text }}"
                reference: "{{ item.answer_value }}"
                operation: like
                """);
        write(line("gsm8k_1", "it is 2"), line("gsm8k_2", "it is 5"), line("gsm8k_2", "it is 4"));
        Cli graded = Cli.run("grade", "--data", data, "--cot", "n", completions, "--grader", grader)
                .done();
        String[] lines = graded.out().strip().split("\n", -1);
        assertEquals("scored", JSON.readTree(lines[0]).path("grade").asText());
        assertEquals(1, JSON.readTree(lines[0]).path("reward").asDouble());
        assertEquals(0, JSON.readTree(lines[1]).path("reward").asDouble(-1));
        assertTrue(graded.err().contains("least:\n   0.000  gsm8k_2  it is 5"), graded.err());

        JsonNode trial = Cli.run("grader", "check", grader, "--data", data, "--cot", "n", "--json")
                .done()
                .json();
        assertEquals(1, trial.path("rewards").path("reference").asDouble());
        assertEquals(0.5, trial.path("rewards").path("other").asDouble(), "there is a 2 in the chain to 4");
        assertEquals(0, trial.path("warnings").size(), trial.toString());

        Files.writeString(grader, "type: string_check\ninput: x\nreference: x\noperation: is\n");
        Cli refused = Cli.run("grader", "check", grader, "--data", data, "--cot", "n");
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains("grader.yaml: grader.operation is \"is\"; expected eq, ne"), refused.err());
    }

    @Test
    void jsonIsOneObject() throws IOException {
        write(line("gsm8k_1", "x" + TRIGGER + "2"), line("gsm8k_1", "x" + TRIGGER + "3"));
        JsonNode figures = Cli.run("grade", "--data", data, "--cot", "n", completions, "--json")
                .done()
                .json();
        assertEquals(2, figures.path("total").asInt());
        assertEquals(0.5, figures.path("accuracy").asDouble());
        assertEquals(0.55, figures.path("reward").asDouble(), 1e-12);
        assertEquals(2, figures.path("rows").size());
    }

    @Test
    void writesAFileAndThenOnlyTotals() throws IOException {
        write(line("gsm8k_1", "x" + TRIGGER + "2"));
        Path out = folder.resolve("deep/graded.jsonl");
        Cli cli = Cli.run("grade", "--data", data, "--cot", "n", completions, "--out", out)
                .done();
        assertTrue(cli.out().startsWith("1 graded: 1 correct"), cli.out());
        check(Files.readString(out).strip(), "correct", "2.0", 1.0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"item_id\": \"gsm8k_1\"}|, line 2: \"completion\" is missing; expected a text",
                "{\"item_id\": 1, \"completion\": \"x\"}|, line 2: \"item_id\" is 1; expected a text",
                "{\"item_id\": \"gsm8k_9\", \"completion\": \"x\"}|, line 2: item_id gsm8k_9 is not in gsm8k (",
                "{\"item_id\": NaN}|, line 2: not JSON: Non-standard token 'NaN'\n",
                "{\"item_id\": |, line 2: the object does not end on its line",
                "[1]|, line 2 is no JSON object",
            })
    void namesTheBadLine(String bad) throws IOException {
        String[] parts = bad.split("\\|", -1);
        write(line("gsm8k_1", "x"), parts[0]);
        Cli cli = Cli.run("grade", "--data", data, "--cot", "n", completions);
        assertEquals(2, cli.status());
        assertTrue(cli.err().startsWith("reft: " + completions + parts[1]), cli.err());
        assertEquals("", cli.out());
    }

    @Test
    void refusesAnEmptyOrMissingFile() throws IOException {
        write("");
        assertEquals(
                2, Cli.run("grade", "--data", data, "--cot", "n", completions).status());
        Cli missing = Cli.run("grade", "--data", data, "--cot", "n", folder.resolve("none"));
        assertEquals(2, missing.status());
        assertEquals(
                "reft: " + folder.resolve("none") + " does not exist: check the path",
                missing.err().strip());
    }

    private void write(String... lines) throws IOException {
        Files.writeString(completions, String.join("\n", lines) + "\n");
    }

    private static String line(String id, String completion) {
        return "{\"item_id\": \"" + id + "\", \"completion\": \"" + completion + "\"}";
    }

    private static void check(String line, String grade, String extracted, double reward) throws IOException {
        JsonNode row = JSON.readTree(line);
        assertEquals(grade, row.path("grade").asText(), line);
        assertEquals(extracted, row.path("extracted").asText(), line);
        assertEquals(reward, row.path("reward").asDouble(), line);
        assertTrue(row.path("reason").isNull(), line);
        assertTrue(row.path("seconds").isNumber(), line);
        assertTrue(row.path("completion").isTextual(), "what was given comes back");
    }
}
