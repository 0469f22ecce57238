package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A first configuration for a user's own data: chosen by what the data hold, and accepted by reft train. */
class InitCommandTest {
    private static final String NEW =
            "model.new={layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}";

    @TempDir
    private Path folder;

    @Test
    void chainsOfThoughtBeginWithAWarmUp() throws IOException {
        StringBuilder rows = new StringBuilder("prompt,reasoning,target\n");
        for (int i = 0; i < 60; i++) {
            rows.append("What is ")
                    .append(i)
                    .append(" plus 2?,We add 2 to ")
                    .append(i)
                    .append(".,")
                    .append(i + 2)
                    .append('\n');
        }
        write("sums.csv", rows.toString());
        Path out = folder.resolve("sums.yaml");
        Cli made = Cli.run("init", folder.resolve("sums.csv"), "--out", out).done();
        assertTrue(made.out().contains("wrote " + folder.resolve("sums-warmup.yaml")), made.out());
        String warmUp = Files.readString(folder.resolve("sums-warmup.yaml"));
        String reft = Files.readString(out);
        assertTrue(warmUp.contains("recipe: sft") && reft.contains("recipe: reft"), warmUp + reft);
        assertTrue(reft.contains("path: runs/sums-warmup"), reft);
        assertTrue(reft.contains("question: prompt") && reft.contains("rationale: reasoning"), reft);
        assertTrue(reft.contains("cot: n"), reft);
        assertFalse(reft.contains("grader"), "numbers that a warm-up teaches to write are compared as they are");
        // Its model is the warm-up's run, which is still to come.
        explain(out, "--set", "model.path=null", "--set", NEW);
        explain(folder.resolve("sums-warmup.yaml"));
        assertCommented(warmUp);
        assertCommented(reft);
    }

    @Test
    void answersAloneAreReinforced() throws IOException {
        write("trivia.jsonl", rows("{\"question\": \"Capital %d?\", \"answer\": \"Paris\"}"));
        String yaml = made("trivia.jsonl", "--model", "someone/a-model");
        assertTrue(yaml.contains("recipe: grpo") && yaml.contains("path: someone/a-model"), yaml);
        assertTrue(yaml.contains("type: string_check") && yaml.contains("{{ item.answer }}"), yaml);
        write("sums.jsonl", rows("{\"question\": \"Sum %d?\", \"answer\": 7}"));
        assertTrue(made("sums.jsonl").contains("grader: {type: math}"));
        write("pens.jsonl", rows("{\"question\": \"Pens %d?\", \"answer\": \"7 pens in all\"}"));
        assertTrue(made("pens.jsonl").contains("grader: {type: math}"));
        write(
                "why.jsonl",
                rows("{\"question\": \"Why %d?\", \"answer\": \"because the one thing led to the other one\"}"));
        assertTrue(made("why.jsonl").contains("type: text_similarity"));
        write(
                "chats.jsonl",
                rows("{\"messages\": [{\"role\": \"user\", \"content\": \"Is it %d?\"}], \"compliant\": \"yes\"}"));
        assertTrue(made("chats.jsonl").contains("{{ item.compliant }}"));
    }

    @Test
    void programsAreSeen() throws IOException {
        write(
                "code.jsonl",
                rows("{\"question\": \"Sum %d?\", \"answer\": 7, \"rationale\": \"def solution():\\n    return 7\"}"));
        assertTrue(made("code.jsonl", "--model", "someone/a-model").contains("cot: p"));
    }

    @Test
    void nothingIsWrittenOver() throws IOException {
        write("sums.jsonl", rows("{\"question\": \"Sum %d?\", \"answer\": 7}"));
        Path out = write("mine.yaml", "kept");
        Cli refused = Cli.run("init", folder.resolve("sums.jsonl"), "--out", out);
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains(out + " exists; give another --out, or --force"), refused.err());
        assertEquals("kept", Files.readString(out));
        Cli.run("init", folder.resolve("sums.jsonl"), "--out", out, "--force").done();
        assertTrue(Files.readString(out).contains("recipe: grpo"));
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        write("bare.jsonl", rows("{\"messages\": [{\"role\": \"user\", \"content\": \"A poem %d\"}]}"));
        refuses("describe what is right in a grader's file and give that", "bare.jsonl");
        write("sums_test.jsonl", rows("{\"question\": \"Sum %d?\", \"answer\": 7}"));
        refuses("holds no questions to train on", "sums_test.jsonl");
        write("sums.jsonl", rows("{\"question\": \"Sum %d?\", \"answer\": 7}"));
        refuses("--model is ./none", "sums.jsonl", "--model", "./none");
        refuses("does not exist", "nothing.jsonl");
        write("odd.jsonl", rows("{\"colour\": \"%d\"}"));
        refuses("say which is which by data.fields", "odd.jsonl");
        try (Stream<Path> left = Files.list(folder)) {
            assertTrue(left.noneMatch(
                    path -> path.toString().endsWith(".yaml") || path.toString().endsWith(".draft")));
        }
    }

    private void refuses(String message, String data, String... options) {
        Object[] command = Stream.concat(
                        Stream.of("init", folder.resolve(data), "--out", folder.resolve("x.yaml")), Stream.of(options))
                .toArray();
        Cli refused = Cli.run(command);
        assertEquals(2, refused.status(), refused.err());
        assertTrue(refused.err().contains(message), refused.err());
    }

    private String made(String data, String... options) throws IOException {
        Path out = folder.resolve(data + ".yaml");
        Object[] command = Stream.concat(Stream.of("init", folder.resolve(data), "--out", out), Stream.of(options))
                .toArray();
        Cli.run(command).done();
        String yaml = Files.readString(out);
        if (yaml.contains("recipe: grpo")) {
            explain(out);
        }
        return yaml;
    }

    private static void explain(Path config, String... options) {
        Cli.run(Stream.concat(Stream.of("train", config, "--explain"), Stream.of(options))
                        .toArray())
                .done();
    }

    /** Every key, except sections and keys with obvious names, has a comment with its reason. */
    private static void assertCommented(String yaml) {
        yaml.lines()
                .filter(line -> line.matches(" *[a-z-]+: .+"))
                .filter(line -> !line.matches(
                        "(recipe|seed|  new|    (question|answer|rationale)|  (type|name|input|reference)): .*"))
                .forEach(line -> assertTrue(line.contains("#"), line));
    }

    private static String rows(String pattern) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            rows.append(pattern.replace("%d", Integer.toString(i))).append('\n');
        }
        return rows.toString();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
