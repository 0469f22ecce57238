package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged answers are one message each. */
final class CompareCommandTest {
    private static final String ANSWER = "{\"item_id\": \"q\", \"correct\": true}\n";
    private static final String RESULTS = "{\"model\": \"m\", \"data\": \"d\", \"split\": \"test\", \"cot\": \"n\"}";

    @TempDir
    private Path folder;

    private Path good = Path.of("");
    private Path bad = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        good = evaluation("good");
        bad = evaluation("bad");
    }

    private Path evaluation(String name) throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        Files.writeString(made.resolve("answers.jsonl"), ANSWER);
        Files.writeString(made.resolve("results.json"), RESULTS);
        return made;
    }

    private void assertRefused(String what) {
        Cli cli = Cli.run("compare", good, bad);
        assertEquals(2, cli.status(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().contains(what), cli.err());
        assertFalse(cli.err().contains("Feature"), cli.err());
    }

    @Test
    void goodOnesAreCompared() {
        Cli.run("compare", good, bad).done();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "answers.jsonl| |' is empty; run reft evaluate again'",
                "answers.jsonl|{\"item_id\": \"q\", \"correct\": true}#{\"item_id\": \"q\", \"correct\": true}|, line 2: question"
                        + " q is answered for the second time; run reft evaluate again",
                "answers.jsonl|{\"item_id\": \"q\", \"correct\": true}#{\"item_id\": q}|, line 2: not JSON",
                "answers.jsonl|{\"item_id\": \"q\", \"correct\": true}#{\"item_id\": \"r\"}|, line 2: expected item_id and correct",
                "results.json| |: damaged (it is empty); run reft evaluate again",
                "results.json|{}|: damaged (it does not say the split); run reft evaluate again",
                "results.json|{\"split\": |, line 1: not JSON",
            })
    void damagedEvaluationsAreNamed(String file, String text, String what) throws IOException {
        Files.writeString(bad.resolve(file), text == null ? "" : text.replace('#', '\n'));
        assertRefused(bad.resolve(file) + what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                " |it is empty); delete it",
                "{}|no evaluation with answers); delete it",
                "{\"evaluation\": null}|no evaluation with answers); delete it",
                "{\"evaluation\": {\"answers\": [{}]}}|Null value for creator property",
                "{\"evaluation\": {\"answ|line 1: ",
            })
    void damagedTestAnswersAreNamed(String text, String what) throws IOException {
        Files.writeString(bad.resolve("config.yaml"), "recipe: reft\n");
        Files.writeString(bad.resolve("test.json"), text == null ? "" : text);
        assertRefused(bad.resolve("test.json") + ": damaged (" + what);
    }

    @Test
    void aRewardModelAnswersNothing() throws IOException {
        Files.writeString(bad.resolve("config.yaml"), "recipe: reward-model\n");
        assertRefused(bad + " is the run of a reward model, which answers no questions; reft rerank");
    }
}
