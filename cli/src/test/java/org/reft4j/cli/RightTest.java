package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RunReader;

/** A run with a grader of its own: reward, right and accuracy agree about the same completions in all outputs. */
final class RightTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIG = """
            recipe: RECIPE
            name: own
            model:
              new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
            data:
              dataset: wordproblems
              cot: n
              options: {annotated: 8, answers: 8, validation: 4, test: 4, steps-max: 1}
            steps: 2
            rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
            evaluate: {every: 1, max-total-tokens: 200}
            grader:
              type: multi
              pass_threshold: PASS
              graders:
                long: {type: length, unit: characters, soft: 100000, hard: 200000}
                letter: {type: string_check, input: "{{ sample.output_text }}", reference: "no model writes this", operation: like}
              calculate_output: 0.7 * long + 0.3 * letter
            """;

    @TempDir
    private Path folder;

    private Path train(String recipe, String pass) throws IOException {
        return train(recipe, pass, CONFIG);
    }

    private Path train(String recipe, String pass, String text) throws IOException {
        Path config = Files.writeString(
                folder.resolve(recipe + pass + ".yaml"),
                text.replace("RECIPE", recipe).replace("PASS", pass));
        Path runs = folder.resolve("runs-" + recipe + pass);
        Cli cli = Cli.run("train", config, "--runs", runs).done();
        assertTrue(cli.err().contains("reward 0.700  right " + (pass.equals("0.6") ? "100 %" : "0 %")), cli.err());
        assertTrue(cli.err().contains("letter 0.000  long 1.000"), cli.err());
        assertTrue(
                cli.err().contains("validation accuracy " + (pass.equals("0.6") ? "100.0 % (4 of 4" : "0.0 % (0 of 4")),
                cli.err());
        assertTrue(cli.err().contains(", mean reward 0.7000"), cli.err());
        return runs.resolve("own");
    }

    private static List<JsonNode> events(Path run, String event) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(RightTest::parsed)
                .filter(line -> line.path("event").asText().equals(event))
                .toList();
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatIsPaidEnoughIsRightEverywhere() throws IOException {
        Path run = train("grpo", "0.6");
        for (JsonNode step : events(run, "step")) {
            assertEquals(1, step.path("score-correct").asDouble());
            assertEquals(0, step.path("score-wrong").asDouble(-1));
            assertEquals(1, step.path("grade/long").asDouble());
            assertEquals(0, step.path("grade/letter").asDouble(-1));
            assertTrue(step.path("distinct-correct-total").asDouble() > 0);
        }
        for (JsonNode measured : events(run, "evaluation")) {
            assertEquals(1, measured.path("accuracy").asDouble());
            assertEquals(0.7, measured.path("reward").asDouble(), 1e-9);
            assertEquals(1, measured.path("grade/long").asDouble());
        }
        JsonNode rollout = Cli.run("rollouts", run, "--limit", "1", "--json")
                .done()
                .json()
                .path("rollouts")
                .path(0);
        assertTrue(rollout.path("correct").asBoolean());
        assertEquals("{\"long\":1.0,\"letter\":0.0}", rollout.path("parts").toString());
        assertTrue(rollout.path("extracted").asText().startsWith("long: "), rollout.toString());
        assertEquals(
                8,
                RunReader.of(run).rollouts(RolloutQuery.ALL).stream()
                        .filter(each -> each.right())
                        .count());
        JsonNode page = page(run);
        assertEquals(
                "the grader's 0.7 * long + 0.3 * letter",
                page.at("/runs/0/scale/reward").asText());
        assertEquals(
                "right is a score of 0.6 or more",
                page.at("/runs/0/scale/right").asText());
        assertTrue(page.at("/runs/0/rollouts/0/right").asBoolean());
        assertEquals(1, page.at("/runs/0/rollouts/0/parts/long").asDouble());
        assertEquals(0.7, page.at("/runs/0/evaluations/0/reward").asDouble(), 1e-9);
    }

    private static JsonNode page(Path run) throws IOException {
        Cli.run("report", run).done();
        String html = Files.readString(run.resolve("report.html"));
        int from = html.indexOf("id=\"data\">") + 10;
        return JSON.readTree(html.substring(from, html.indexOf("</script>", from)));
    }

    @Test
    void whatIsPaidLessIsRightNowhere() throws IOException {
        Path run = train("grpo", "0.8");
        for (JsonNode step : events(run, "step")) {
            assertEquals(0, step.path("score-correct").asDouble(-1));
            assertEquals(1, step.path("score-wrong").asDouble());
            assertEquals(0, step.path("distinct-correct-total").asDouble(-1));
        }
        assertTrue(RunReader.of(run).rollouts(RolloutQuery.ALL).stream().noneMatch(each -> each.right()));
    }

    @Test
    void selfTrainingKeepsWhatIsRight() throws IOException {
        String warm = CONFIG.replaceFirst("new: .*", "path: " + train("grpo", "0.6"));
        Path kept = train("online-self-training", "0.6", warm);
        assertTrue(events(kept, "step").stream().allMatch(step -> right(step) == 4));
        Path none = train("online-self-training", "0.8", warm);
        assertTrue(events(none, "step").stream().allMatch(step -> right(step) == 0));
    }

    /** Samples of a step that are right: those that are learned from, and those that were cut off. */
    private static double right(JsonNode step) {
        return step.path("kept").asDouble(Double.NaN)
                + step.path("right-cut-off").asDouble(Double.NaN);
    }

    @Test
    void measuringSaysTheSame() throws IOException {
        Path run = train("grpo", "0.6");
        Path grader = Files.writeString(
                folder.resolve("grader.yaml"),
                CONFIG.substring(CONFIG.indexOf("  type: multi"))
                        .replace("\n  ", "\n")
                        .substring(2)
                        .replace("PASS", "0.6"));
        Path out = folder.resolve("evaluation");
        Cli cli = Cli.run(
                        "evaluate",
                        "--model",
                        run,
                        "--data",
                        "wordproblems:test=4",
                        "--cot",
                        "n",
                        "--max-total-tokens",
                        "200",
                        "--grader",
                        grader,
                        "--out",
                        out)
                .done();
        assertTrue(cli.out().contains("accuracy 100.0 % (4 of 4"), cli.out());
        assertTrue(cli.out().contains("mean reward 0.7000, long 1.0000, letter 0.0000"), cli.out());
        JsonNode answer =
                parsed(Files.readAllLines(out.resolve("answers.jsonl")).getFirst());
        assertTrue(answer.path("correct").asBoolean());
        assertEquals(0.7, answer.path("reward").asDouble(), 1e-9);
        assertEquals("{\"long\":1.0,\"letter\":0.0}", answer.path("parts").toString());
        Cli compared = Cli.run("compare", out, out).done();
        assertTrue(compared.out().contains("100.0 % ("), compared.out());
        assertTrue(compared.out().contains("mean reward 0.7000"), compared.out());

        Path completions = Files.writeString(
                folder.resolve("completions.jsonl"),
                "{\"item_id\": \"" + answer.path("item_id").asText() + "\", \"completion\": \"x\"}\n");
        Cli graded = Cli.run("grade", "--data", "wordproblems:test=4", "--cot", "n", "--grader", grader, completions)
                .done();
        assertTrue(
                graded.err()
                        .contains(
                                "1 graded: 1 correct (100.0 %), 0 wrong, 0 without answer, 1 scored (correct is 0.6 or"
                                        + " more), 0 failed; mean reward 0.7000"),
                graded.err());
        assertTrue(parsed(graded.out().strip()).path("correct").asBoolean());
        assertFalse(graded.out().contains("NaN"));
    }
}
