package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run on one file of one's own, and what its model is asked afterwards: never what it was trained on, unless that is asked for. */
class OwnSplitsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 1000;
    private static final List<String> NAMES =
            List.of("Tom", "Ada", "Rosa", "Ben", "Ida", "Max", "Lea", "Jon", "Eva", "Kim");

    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void writeData() throws IOException {
        file = Files.writeString(
                folder.resolve("mine.jsonl"),
                IntStream.range(0, ROWS).mapToObj(OwnSplitsTest::row).collect(Collectors.joining()));
    }

    /** One in a hundred is annotated, so that training takes a moment. */
    private static String row(int i) {
        String text = NAMES.get(i % 10) + " has " + i + " pens and buys " + (i * 7 % 13) + " more. How many now?";
        String rationale = i % 100 == 0 ? ", \"rationale\": \"Add them. Therefore, the answer is: " + i + "\"" : "";
        return "{\"question\": \"" + text + "\", \"answer\": " + (i + i * 7 % 13) + rationale + "}\n";
    }

    private Path train(String name, String... sets) throws IOException {
        Path config = Files.writeString(folder.resolve(name + ".yaml"), """
                recipe: sft
                name: %s
                model:
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
                data: {path: "%s", cot: n}
                batch: 4
                epochs: 1
                max-tokens: 120
                evaluate: {max-total-tokens: 70, questions: 4}
                """.formatted(name, file));
        List<Object> words = new ArrayList<>(List.of("train", config, "--runs", folder.resolve("runs")));
        for (String set : sets) {
            words.add("--set");
            words.add(set);
        }
        Cli.run(words.toArray()).done();
        return folder.resolve("runs").resolve(name);
    }

    private Cli evaluate(Path model, Object... more) {
        return Cli.run(Stream.concat(
                        Stream.of("evaluate", "--model", model, "--out", folder.resolve("out"), "--json"),
                        Stream.of(more))
                .toArray());
    }

    /** The table of the review: under these settings 0 to 92 % of what was asked had been trained on. */
    @ParameterizedTest
    @CsvSource({
        "defaults, ''",
        "validation-200, data.validation=200",
        "validation-50, data.validation=50",
        "seed-1, data.seed=1",
        "limited, data.train-limit=300",
    })
    void nothingIsAskedThatWasTrainedOn(String name, String set) throws IOException {
        Path run = set.isEmpty() ? train(name) : train(name, set);
        Set<String> trained = trained(run);
        Path checkpoint;
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            checkpoint = checkpoints.findFirst().orElseThrow();
        }
        Path copied = copy(checkpoint, folder.resolve("copied"));
        for (Path model : List.of(run, checkpoint, copied)) {
            for (String split : List.of("TEST", "VALIDATION")) {
                JsonNode figures = evaluate(model, "--split", split).done().json();
                Set<String> asked = asked();
                assertEquals(figures.path("total").asInt(), asked.size());
                assertTrue(asked.size() >= 40, () -> asked.size() + " asked");
                assertEquals(0, asked.stream().filter(trained::contains).count());
                assertEquals(0, figures.path("trained").asInt(-1));
                assertEquals("n", figures.path("cot").asText(), "a run in prose is asked for prose");
                assertEquals(70, figures.path("max-total-tokens").asInt());
                // The same file named again, without a word of its settings.
                Set<String> before = new HashSet<>(asked);
                evaluate(model, "--split", split, "--data", file).done();
                assertEquals(before, asked());
            }
        }
    }

    @Test
    void whatWasTrainedOnIsRefusedOrMarked() throws IOException {
        Path run = train("other", "data.validation=50");
        Set<String> trained = trained(run);
        String elsewhere = file + ":validation=0.1,seed=5";
        Cli refused = evaluate(run, "--data", elsewhere);
        assertEquals(2, refused.status(), refused.err());
        assertTrue(
                refused.err().contains("test questions are among those that " + run + " was trained on"),
                refused.err());
        assertTrue(refused.err().contains("--allow-trained"), refused.err());
        assertTrue(refused.err().contains(file + ":validation=50"), refused.err());

        Cli marked = evaluate(run, "--data", elsewhere, "--allow-trained").done();
        long known = asked().stream().filter(trained::contains).count();
        assertTrue(known > 50, () -> known + " of about 100");
        assertEquals(known, marked.json().path("trained").asLong());
        assertEquals(known, marks());
        assertTrue(refused.err().contains(known + " of "), refused.err());

        // The same questions are recognised under other ids; other questions with the same ids count as different.
        Path renamed = Files.writeString(
                folder.resolve("else_test.jsonl"),
                Files.readString(file)
                        .replace("{\"question\"", "{\"source\": \"x\", \"question\"")
                        .replace(" has ", "  has "));
        Cli same = evaluate(run, "--data", renamed);
        assertEquals(2, same.status(), same.err());
        Path others = Files.writeString(
                folder.resolve("others").resolveSibling("mine_test.jsonl"),
                Files.readString(file).replace("pens", "cups"));
        evaluate(run, "--data", others, "--limit", "5").done();
    }

    @Test
    void theTrainSplitIsAskedForByNameAndMarked() throws IOException {
        Path run = train("asked");
        JsonNode figures =
                evaluate(run, "--split", "TRAIN", "--limit", "6").done().json();
        assertEquals(6, figures.path("trained").asInt());
        assertEquals(6, marks());
    }

    @Test
    void samplesAndVotesKnowIt() throws IOException {
        Path run = train("sampled", "data.seed=1");
        Path out = folder.resolve("samples");
        String[] few = {"--samples", "2", "--limit", "5", "--max-total-tokens", "70"};
        Cli refused = Cli.run(with(few, "sample", "--model", run, "--out", out, "--data", file + ":seed=2"));
        assertEquals(2, refused.status(), refused.err());
        assertFalse(Files.exists(out), "refused before anything is written");
        Cli.run(with(few, "sample", "--model", run, "--out", out, "--data", file + ":seed=2", "--allow-trained"))
                .done();
        int trained =
                Cli.run("vote", out, "--json").done().json().path("trained").asInt();
        assertTrue(trained > 0, "marked in the samples");
        assertTrue(Cli.run("vote", out).done().out().contains("marked: " + trained + " of the 5"));

        Path own = folder.resolve("own");
        Cli.run(with(few, "sample", "--model", run, "--out", own)).done();
        JsonNode settings = JSON.readTree(own.resolve("samples.json").toFile());
        assertEquals("n", settings.path("data").path("cot").asText());
        assertEquals(
                0, Cli.run("vote", own, "--json").done().json().path("trained").asInt(-1));
        // Step labels and reranking open the data as the samples did, with or without options.
        Path learned = folder.resolve("learned");
        Cli.run(with(few, "sample", "--model", run, "--out", learned, "--split", "TRAIN"))
                .done();
        Cli.run(
                        "steps",
                        learned,
                        "--model",
                        run,
                        "--rollouts",
                        "1",
                        "--chains",
                        "1",
                        "--out",
                        folder.resolve("a.jsonl"))
                .done();
        Cli.run(
                        "steps",
                        learned,
                        "--data",
                        file,
                        "--model",
                        run,
                        "--rollouts",
                        "1",
                        "--chains",
                        "1",
                        "--out",
                        folder.resolve("b.jsonl"))
                .done();
    }

    @Test
    void aRunThatBeginsWithAModelOfAnotherSplitIsWarned() throws IOException {
        Path warmup = train("warmup");
        Path run = train("after", "data.seed=3", "model.new=null", "model.path=" + warmup);
        String metrics = Files.readString(run.resolve("metrics.jsonl"));
        assertTrue(metrics.contains("validation questions are among those that the model was trained on"), metrics);
        Cli refused = evaluate(run, "--split", "TEST");
        assertEquals(2, refused.status(), "its own test questions were the warm-up's: " + refused.err());
        Path alike = train("alike", "model.new=null", "model.path=" + warmup);
        assertFalse(Files.readString(alike.resolve("metrics.jsonl")).contains("was trained on"));
        evaluate(alike).done();
    }

    /** A run of a version that recorded no splits keeps those that it had, in resuming and in evaluation. */
    @Test
    void anOldRunKeepsItsSplit() throws IOException {
        Path run = train("old", "data.validation=50");
        Files.delete(run.resolve("reft-data.json"));
        try (Stream<Path> files = Files.walk(run.resolve("checkpoints"))) {
            for (Path each : files.filter(path -> path.endsWith("reft-data.json") || path.endsWith("checksums.json"))
                    .toList()) {
                Files.delete(each);
            }
        }
        evaluate(run).done();
        Set<String> asked = asked();
        Path config = folder.resolve("old.yaml");
        Cli.run("train", config, "--runs", folder.resolve("runs"), "--set", "data.validation=50", "--resume")
                .done();
        assertTrue(Files.readString(run.resolve("reft-data.json")).contains("\"rule\":\"by_text\""));
        assertEquals(0, asked.stream().filter(trained(run)::contains).count());
    }

    @Test
    void aRunDoesNotGoOnWithOtherQuestions() throws IOException {
        train("edited");
        Files.writeString(file, Files.readString(file).replaceFirst("pens", "cups"));
        Cli resumed = Cli.run("train", folder.resolve("edited.yaml"), "--runs", folder.resolve("runs"), "--resume");
        assertEquals(2, resumed.status(), resumed.err());
        assertTrue(resumed.err().contains("the data are not those that the run in"), resumed.err());
    }

    private static Object[] with(String[] more, Object... words) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    private static Set<String> trained(Path run) throws IOException {
        return JSON.readTree(run.resolve("reft-data.json").toFile())
                .path("train")
                .valueStream()
                .map(line -> line.asText().split(" ", 2)[0])
                .collect(Collectors.toSet());
    }

    private Set<String> asked() throws IOException {
        Set<String> ids = new HashSet<>();
        for (String line : Files.readAllLines(folder.resolve("out").resolve("answers.jsonl"))) {
            ids.add(JSON.readTree(line).path("item_id").asText());
        }
        return ids;
    }

    private long marks() throws IOException {
        return Files.readAllLines(folder.resolve("out").resolve("answers.jsonl")).stream()
                .filter(line -> line.contains("\"trained\":true"))
                .count();
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Path there = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(there);
                } else {
                    Files.copy(each, there);
                }
            }
        }
        return to;
    }
}
