package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own rows on command lines and in configurations. */
class OwnDataTest {
    private static final String TABLE = """
            prompt,target
            "How many pens do 2 boxes of 3 hold, in all?",6 pens
            What is the capital of France?,Paris
            Price?,"$1,200"
            Formula of water?,H2O
            When?,between 3 and 4
            How many?,4
            """;

    private static final String CONFIG = """
            recipe: grpo
            steps: 1
            model:
              new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 128}
            data:
              path: mine.csv
              cot: n
              fields: {question: prompt, answer: target}
              validation: held.jsonl
              test: 1
            rollout: {questions: 2, samples: 2, max-prompt-tokens: 60, max-total-tokens: 90}
            loss: {minibatch: 4}
            """;

    @TempDir
    private Path folder;

    @Test
    void dataSaysHowAnswersAreCompared() throws IOException {
        Path file = write("mine.csv", TABLE);
        Object[] command = {"data", file, "--cot", "n", "--field", "question=prompt", "--field", "answer=target"};
        Cli shown = Cli.run(command).done();
        assertTrue(shown.out().contains("  1 answer is a number: equal within 0.01"), shown.out());
        assertTrue(shown.out().contains("  5 answers are texts: equal only when the same to the letter"), shown.out());
        // 6 pens and $1,200; the digit in H2O is part of a word and does not count.
        assertTrue(
                shown.out().contains("2 of the 5 answers that are texts hold exactly one number, such as '"),
                shown.out());
        assertTrue(shown.out().contains("grader: {type: math}"), shown.out());
        Object[] json = {"data", file, "--cot", "n", "--field", "question=prompt", "--field", "answer=target", "--json"
        };
        JsonNode answers = Cli.run(json).done().json().path("answers");
        assertEquals(2, answers.path("texts-with-one-number").asInt());
        assertEquals(1, answers.path("numbers").asInt());
    }

    /** Files that a configuration names are looked up in its folder. */
    @Test
    void aConfigurationNamesFieldsAndFiles() throws IOException {
        write("mine.csv", TABLE);
        write("held.jsonl", "{\"prompt\": \"a\", \"target\": 1}\n{\"prompt\": \"b\", \"target\": 2}\n");
        Path config = write("c.yaml", CONFIG);
        Cli explained = Cli.run("train", config, "--explain").done();
        assertTrue(explained.out().contains("question: prompt"), explained.out());
        assertTrue(explained.out().contains("validation: " + folder.resolve("held.jsonl")), explained.out());
        assertTrue(explained.out().contains("test: 1.0"), explained.out());
        Cli misspelled = Cli.run("train", config, "--explain", "--set", "data.fields.answer=targt");
        assertEquals(2, misspelled.status());
        assertTrue(
                misspelled.err().contains("line 2: there is no field 'targt', which data.fields reads answer from"),
                misspelled.err());
        Cli wrong = Cli.run("train", config, "--explain", "--set", "data.validation=[1]");
        assertTrue(wrong.err().contains("expected a number of questions, a share below 1, or a file"), wrong.err());
        Cli missing = Cli.run("train", config, "--set", "data.validation=none.jsonl");
        assertTrue(missing.err().contains("data.validation is none.jsonl; there is no such file"), missing.err());
    }

    @Test
    void rowsWithoutAnswersNeedAGrader() throws IOException {
        write("rows.jsonl", """
                {"messages": [{"role": "user", "content": "Is it so?"}], "compliant": "yes"}
                {"messages": [{"role": "user", "content": "And this?"}], "compliant": "no"}
                """);
        Path config = write(
                "c.yaml",
                CONFIG.replace("mine.csv", "rows.jsonl")
                        .replace("  fields: {question: prompt, answer: target}\n", "")
                        .replace("held.jsonl", "1")
                        .replaceAll("new: .*", "path: someone/a-chat-model")
                        .replace("test: 1", "test: 0"));
        Cli refused = Cli.run("train", config, "--explain");
        assertEquals(2, refused.status());
        assertTrue(
                refused.err().contains("rows.jsonl, line 1 (messages, compliant): there is no answer to compare")
                        || refused.err().contains("rows.jsonl, line 2 (messages, compliant): there is no answer"),
                refused.err());
        Path grader = write("grader.yaml", """
                type: string_check
                name: same
                input: "{{ sample.output_text }}"
                reference: "{{ item.compliant }}"
                operation: eq
                """);
        Cli.run("train", config, "--explain", "--set", "grader=" + grader).done();
        Path answers = write("answers.jsonl", "{\"item_id\": \"messages_rows_0\", \"completion\": \"yes\"}\n");
        Object[] grade = {"grade", "--data", folder.resolve("rows.jsonl"), "--cot", "n", answers};
        assertTrue(Cli.run(grade).err().contains("there is no answer to compare"));
        Cli graded = Cli.run("grade", "--data", folder.resolve("rows.jsonl"), "--cot", "n", answers, "--grader", grader)
                .done();
        assertTrue(graded.out().contains("\"reward\":1.0"), graded.out());
        Cli shown = Cli.run("data", folder.resolve("rows.jsonl"), "--cot", "n").done();
        assertTrue(shown.out().contains("2 questions have no answer: they need a grader"), shown.out());
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
