package org.reft4j.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of a small model: made, interrupted, gone on with, refused and counted. */
class SampleVoteTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int QUESTIONS = 7;
    private static final int SAMPLES = 4;
    private static final long LIMIT_SECONDS = 240;

    @TempDir
    private static Path work;

    private static Path first = Path.of("");
    private static Path second = Path.of("");
    private static Path undisturbed = Path.of("");

    @BeforeAll
    static void sample() throws IOException {
        Files.writeString(work.resolve("sft.yaml"), Tiny.yaml("sft", Tiny.sft("n", 2)));
        Reft.run(work, "train", "sft.yaml", "--set", "checkpoint-every=1").orThrow();
        List<Path> checkpoints = Left.checkpointFolders(work.resolve("runs").resolve("sft"));
        first = checkpoints.getFirst();
        second = checkpoints.getLast();
        undisturbed = work.resolve("undisturbed");
        Reft.run(work, command(second, undisturbed)).orThrow();
    }

    /** Two questions are sampled together, so that the file grows in four parts. */
    private static String[] command(Path model, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "sample",
                "--model",
                model.toString(),
                "--data",
                "wordproblems",
                "--cot",
                "n",
                "--limit",
                Integer.toString(QUESTIONS),
                "--samples",
                Integer.toString(SAMPLES),
                "--batch",
                Integer.toString(2 * SAMPLES),
                "--max-total-tokens",
                "200",
                "--out",
                out.toString()));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    @Test
    void everyCompletionIsALine() throws IOException {
        List<String> lines = Files.readAllLines(undisturbed.resolve("samples.jsonl"));
        assertEquals(QUESTIONS * (SAMPLES + 1), lines.size());
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line = JSON.readTree(lines.get(i));
            assertEquals(i % (SAMPLES + 1) - 1, line.path("sample").asInt(), lines.get(i));
            assertTrue(line.path("logprob").asDouble() < 0, lines.get(i));
            assertTrue(line.path("tokens").asInt() > 0, lines.get(i));
            assertTrue(line.path("completion").isTextual() && line.has("extracted"), lines.get(i));
        }
        assertTrue(
                lines.stream()
                                .map(line -> line.replaceFirst("\"sample\":-?\\d+", ""))
                                .distinct()
                                .count()
                        > QUESTIONS * SAMPLES / 2,
                "samples differ");
    }

    @Test
    void killedAndResumedEqualsUndisturbed() throws IOException, InterruptedException {
        Path killed = work.resolve("killed");
        Path lines = killed.resolve("samples.jsonl");
        Path log = work.resolve("killed.log");
        for (int part = 1; part <= 2; part++) {
            Process process = Reft.start(work, log, command(second, killed));
            long wanted = part * 2L * (SAMPLES + 1);
            // The last character may be half written: any charset that knows all bytes counts the lines.
            while (process.isAlive()
                    && (!Files.exists(lines)
                            || Files.readAllLines(lines, ISO_8859_1).size() < wanted)) {
                boolean _ = process.waitFor(1, TimeUnit.MILLISECONDS);
            }
            process.destroyForcibly();
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "still running");
        }
        // As a kill in the middle of a write would leave it.
        List<String> left = Files.readAllLines(lines);
        Files.writeString(
                lines,
                String.join("\n", left.subList(0, left.size() - 2)) + "\n"
                        + left.getLast().substring(0, 30));
        Reft.Outcome resumed = Reft.run(work, command(second, killed)).orThrow();
        assertTrue(
                resumed.err().contains("going on after question 2 of 7")
                        || resumed.err().contains("going on after question 4 of 7")
                        || resumed.err().contains("going on after question 6 of 7"),
                resumed.err());
        assertEquals(Folders.contents(undisturbed), Folders.contents(killed));
    }

    @Test
    void interruptedInGoodOrder() throws IOException, InterruptedException {
        Path interrupted = work.resolve("interrupted");
        Path lines = interrupted.resolve("samples.jsonl");
        Path log = work.resolve("interrupted.log");
        Process process = Reft.start(work, log, command(second, interrupted));
        while (process.isAlive() && (!Files.exists(lines) || Files.size(lines) == 0)) {
            boolean _ = process.waitFor(1, TimeUnit.MILLISECONDS);
        }
        process.destroy(); // SIGTERM, which takes the way of Ctrl-C
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "still running");
        assertEquals(0, Files.readAllLines(lines).size() % (SAMPLES + 1), Files.readString(log));
        Reft.run(work, command(second, interrupted)).orThrow();
        assertEquals(Folders.contents(undisturbed), Folders.contents(interrupted));
    }

    @Test
    void againItDoesNothing() {
        var before = Folders.contents(undisturbed);
        Reft.Outcome again = Reft.run(work, command(second, undisturbed)).orThrow();
        assertTrue(again.err().contains("already"), again.err());
        assertEquals(before, Folders.contents(undisturbed));
    }

    @Test
    void othersAreRefusedByName() {
        var before = Folders.contents(undisturbed);
        refused("another model", command(first, undisturbed));
        refused("temperature", command(second, undisturbed, "--temperature", "0.5"));
        refused("seed", command(second, undisturbed, "--seed", "43"));
        refused("data.split", command(second, undisturbed, "--split", "train"));
        assertEquals(before, Folders.contents(undisturbed));
    }

    private static void refused(String word, String... command) {
        Reft.Outcome outcome = Reft.run(work, command);
        assertEquals(2, outcome.exit(), outcome.err());
        assertEquals(
                1,
                outcome.err().lines().filter(line -> line.startsWith("reft: ")).count(),
                outcome.err());
        assertTrue(outcome.err().contains(word) && outcome.err().contains("choose another folder"), outcome.err());
    }

    @Test
    void votesAreCounted() throws IOException {
        Reft.Outcome table = Reft.run(work, "vote", undisturbed.toString()).orThrow();
        for (String words : List.of("greedy", "vote@k", "pass@k", "7 questions, 4 samples each", "95 %")) {
            assertTrue(table.out().contains(words), () -> "no \"" + words + "\" in:\n" + table.out());
        }
        JsonNode figures = JSON.readTree(Reft.run(work, "vote", undisturbed.toString(), "--k", "1,4", "--json")
                .orThrow()
                .out());
        assertEquals(QUESTIONS, figures.path("questions").asInt());
        assertEquals(2, figures.path("at").size());
        assertEquals(4, figures.path("at").path(1).path("k").asInt());
        for (String what : List.of("greedy", "single")) {
            assertTrue(figures.path(what).path("low").isNumber(), figures.toString());
        }
        assertEquals(
                figures.path("single").path("accuracy").asDouble(),
                figures.path("at").path(0).path("pass").path("accuracy").asDouble(),
                1e-12);
    }

    @Test
    void nothingToCountIsOneMessage() throws IOException {
        Path empty = Files.createDirectories(work.resolve("empty"));
        Reft.Outcome outcome = Reft.run(work, "vote", empty.toString());
        assertEquals(2, outcome.exit());
        assertEquals(1, outcome.errors().size(), outcome.err());
        assertTrue(outcome.err().contains("reft sample"), outcome.err());
        Reft.Outcome tooMany = Reft.run(work, "vote", undisturbed.toString(), "--k", "5");
        assertEquals(2, tooMany.exit());
        assertTrue(tooMany.err().contains("--k is 5; expected 1 to 4"), tooMany.err());
        assertFalse(tooMany.err().contains("\tat "), tooMany.err());
    }
}
