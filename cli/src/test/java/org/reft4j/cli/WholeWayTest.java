package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a configuration file to a report, by the commands alone, with a model too small to learn. */
final class WholeWayTest {
    private static final String CONFIG = """
            recipe: reft
            name: tiny
            model:
              new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
            data:
              dataset: wordproblems
              cot: n
              options: {annotated: 8, answers: 8, validation: 4, test: 4, steps-max: 1}
            steps: 2
            rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
            ppo: {minibatch: 4}
            evaluate: {max-total-tokens: 200}
            """;

    @TempDir
    private Path folder;

    @Test
    void trainsReadsAndMeasures() throws IOException {
        Path config = Files.writeString(folder.resolve("tiny.yaml"), CONFIG);
        Path runs = folder.resolve("runs");
        JsonNode plan = Cli.run("train", config, "--explain", "--json").done().json();
        assertEquals(4, plan.path("batch").path("rollouts-per-step").asInt());
        assertFalse(Files.exists(runs), "explaining leaves nothing behind");

        Cli trained = Cli.run("train", config, "--runs", runs, "--json").done();
        JsonNode figures = trained.json();
        assertEquals("done", figures.path("outcome").asText());
        assertEquals(2, figures.path("step").asInt());
        assertTrue(figures.path("metrics").path("reward").isNumber(), trained.out());
        assertTrue(trained.err().contains("all 2 steps done"), trained.err());
        assertTrue(figures.path("reward").path("first").isNumber(), trained.out());
        assertEquals(2, figures.at("/validation/last/step").asInt(), trained.out());
        assertTrue(
                figures.path("seconds").asDouble() > 0
                        && figures.path("tokens-sampled").asLong() > 0,
                trained.out());
        assertTrue(Files.size(Path.of(figures.path("report").asText())) > 10_000, "the report is there by itself");
        Path run = runs.resolve("tiny");
        goesOn(config, runs);
        isRead(run);
        isMeasured(run);
        isAsked(run);
    }

    private static void goesOn(Path config, Path runs) throws IOException {
        Path run = runs.resolve("tiny");
        assertTrue(Files.readString(run.resolve("config.yaml")).contains("compute: f32"), "auto is pinned");

        Cli again = Cli.run("train", config, "--runs", runs);
        assertEquals(2, again.status(), again.err());
        assertTrue(again.err().contains("--resume"), again.err());
        Cli finished = Cli.run("train", config, "--runs", runs, "--resume").done();
        assertTrue(finished.out().contains("next: reft evaluate --model " + run), finished.out());
        assertTrue(finished.out().contains("in the first step,"), finished.out());
        assertTrue(finished.out().matches("(?s).*took \\d+ s for 2 steps, [\\d,]+ tokens sampled.*"), finished.out());
    }

    private static void isRead(Path run) throws IOException {
        JsonNode found = Cli.run("rollouts", run, "--step", "1..2", "--limit", "3", "--json")
                .done()
                .json();
        assertEquals(3, found.path("count").asInt());
        assertEquals(1, found.path("rollouts").path(0).path("step").asInt());
        assertTrue(Cli.run("rollouts", run, "--step", "2").done().out().startsWith("--- step 2, wordproblems_"));
        assertEquals(2, Cli.run("rollouts", run, "--step", "x").status());

        Cli report = Cli.run("report", run).done();
        assertTrue(report.out().startsWith("file:"), report.out());
        assertTrue(Files.size(run.resolve("report.html")) > 10_000);
    }

    private void isMeasured(Path run) throws IOException {
        Path out = folder.resolve("evaluation");
        JsonNode evaluated = Cli.run(
                        "evaluate",
                        "--model",
                        run,
                        "--data",
                        "wordproblems:test=6",
                        "--cot",
                        "n",
                        "--limit",
                        "5",
                        "--max-total-tokens",
                        "200",
                        "--out",
                        out,
                        "--json")
                .done()
                .json();
        assertEquals(5, evaluated.path("total").asInt());
        assertEquals(5, Files.readAllLines(out.resolve("answers.jsonl")).size());
        assertTrue(Files.readString(out.resolve("results.json")).contains("\"accuracy\""));
    }

    private static void isAsked(Path run) throws IOException {
        JsonNode generated = generated(run);
        assertEquals(2, generated.size());
        assertEquals(generated, generated(run), "the same seed, the same text");
    }

    private static JsonNode generated(Path run) throws IOException {
        return Cli.run(
                        "generate",
                        "--model",
                        run,
                        "--question",
                        "What is 1 + 1?",
                        "--samples",
                        "2",
                        "--max-tokens",
                        "5",
                        "--json")
                .done()
                .json()
                .path("completions");
    }

    @Test
    void showsTheEmbeddedData() throws IOException {
        JsonNode data = Cli.run("data", "wordproblems:annotated=10,answers=5", "--items", "1", "--json")
                .done()
                .json();
        assertEquals(15, data.path("splits").path("train").path("questions").asInt());
        assertEquals(10, data.path("splits").path("train").path("annotated").asInt());
        assertEquals(1, data.path("items").size());
        Cli people = Cli.run("data", "wordproblems", "--cot", "n").done();
        assertTrue(people.out().contains("Therefore, the answer is: "), people.out());
    }

    @Test
    void refusesModelsThatAreNone() {
        Cli missing = Cli.run("generate", "--model", folder.resolve("none"), "--prompt", "x");
        assertEquals(2, missing.status(), missing.err());
        Cli empty = Cli.run("generate", "--model", folder, "--prompt", "x");
        assertEquals(2, empty.status(), empty.err());
        assertEquals(1, empty.err().strip().lines().count(), empty.err());
        Cli sampling = Cli.run("generate", "--model", folder, "--prompt", "x", "--top-p", "0");
        assertEquals(
                "reft: --top-p is 0.0; expected a number in (0, 1]",
                sampling.err().strip());
    }

    @Test
    void trainsByAGraderOfOnesOwnAndStopsWhereItFails() throws IOException {
        Path config = Files.writeString(folder.resolve("tiny.yaml"), CONFIG + """
                grader: {type: string_check, input: "{{ sample.output_text }}", reference: "a", operation: ilike}
                """);
        Path runs = folder.resolve("runs");
        JsonNode figures =
                Cli.run("train", config, "--runs", runs, "--json").done().json();
        assertEquals(0, figures.path("metrics").path("failed").asDouble(-1));
        assertTrue(figures.path("metrics").path("reward").asDouble() > 0.2, "an a is soon written");

        Cli refused = Cli.run(
                "train", config, "--runs", folder.resolve("refused"), "--set", "grader.input='{{ item.absent }}'");
        assertEquals(2, refused.status(), refused.err());
        assertTrue(
                refused.err().contains("grader.input names {{ item.absent }}, which row 1 of the train split"),
                refused.err());

        Cli failed = Cli.run(
                "train", config, "--runs", folder.resolve("others"), "--set", "grader.input='{{ sample.absent }}'");
        assertEquals(1, failed.status());
        assertTrue(
                failed.err()
                        .contains(
                                "grading failed for 4 of 4 completions of step 1 (guards.grader-failures is 0.2000): there"
                                        + " is no sample.absent"),
                failed.err());
    }

    @Test
    void stepsArePaidByAGraderOfSteps() throws IOException {
        Path config =
                Files.writeString(folder.resolve("tiny.yaml"), CONFIG + "step-grader: {type: arithmetic_check}\n");
        JsonNode figures = Cli.run("train", config, "--runs", folder.resolve("runs"), "--json")
                .done()
                .json();
        assertEquals("done", figures.path("outcome").asText());
        Cli refused = Cli.run(
                "train",
                config,
                "--runs",
                folder.resolve("others"),
                "--set",
                "step-grader={type: string_check, input: a, reference: a, operation: eq}");
        assertEquals(2, refused.status(), refused.err());
        assertTrue(
                refused.err().contains("step-grader.type is \"string_check\", which judges no steps"), refused.err());
    }
}
