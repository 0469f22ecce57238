package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunReader;

/** Losses and accuracies on a validation file, held against those of training on the same rows with the same weights. */
final class ValidationLossTest {
    /** Sums of float32 in another order. */
    private static final double ROUNDING = 1e-5;

    @TempDir
    private Path work;

    @BeforeEach
    void start() {
        Torch.start();
    }

    private Path rows(String name, int from, int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < from + count; i++) {
            lines.append("{\"question\": \"What is " + i + " plus 1?\", \"rationale\": \"" + i + " + 1 = " + (i + 1)
                    + ". The answer is " + (i + 1) + "\", \"answer\": \"" + (i + 1) + "\"}\n");
        }
        return Files.writeString(work.resolve(name), lines);
    }

    private Path pairs(String name, int from, int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < from + count; i++) {
            lines.append("{\"question\": \"What is " + i + " plus 1?\", \"chosen\": \"The answer is " + (i + 1)
                    + "\", \"rejected\": \"I will not say " + i + "\"}\n");
        }
        return Files.writeString(work.resolve(name), lines);
    }

    private static ConfigFile.Resolved config(String recipe, Path train, Object validation, String... more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model.compute", "f32");
        settings.put("data.path", train.toString());
        settings.put("data.cot", "n");
        settings.put("data.validation", validation.toString());
        settings.put("data.test", "0");
        settings.put("batch", "4");
        settings.put("max-tokens", "200");
        settings.put("evaluate.max-total-tokens", "60");
        settings.put("optimizer.learning-rate", "0.003");
        settings.put("optimizer.warmup", "0");
        settings.put("checkpoint-every", "1");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return ConfigFile.of(recipe, settings);
    }

    private ConfigFile.Resolved sft(Object validation, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "model.new",
                "{layers: 1, width: 32, heads: 2, key-value-heads: 1, feed-forward: 64, context-length: 256, initializer-range: 0.1}",
                "epochs",
                "2",
                "evaluate.every",
                "3"));
        all.addAll(List.of(more));
        return config("sft", rows("train.jsonl", 0, 12), validation, all.toArray(String[]::new));
    }

    private Path run(String name, ConfigFile.Resolved config, int stopBehind) {
        List<RunFolder> self = new ArrayList<>();
        try (RunFolder run = RunFolder.open(work.resolve(name), config.yaml(), Map.of(), true, List.of(event -> {
            if (event instanceof RunEvent.Stepped stepped && stepped.step() == stopBehind) {
                self.getFirst().requestStop();
            }
        }))) {
            self.add(run);
            config.run(run, GraderTools.plain(Cot.PROSE));
        }
        return work.resolve(name);
    }

    private static List<JsonNode> lines(Path run, String event) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode node = Json.PLAIN.readTree(line);
            if (node.path("event").asText().equals(event)) {
                lines.add(node);
            }
        }
        return lines;
    }

    private static double value(JsonNode line, String name) {
        assertTrue(line.path(name).isNumber(), name + " in " + line);
        return line.path(name).asDouble();
    }

    @Test
    void isTheLossThatTrainingOnTheSameRowsBeginsWith() throws IOException {
        Path valid = rows("others.jsonl", 100, 7);
        Path run = run("run", sft(valid), 0);
        List<JsonNode> steps = lines(run, "step");
        JsonNode measured = lines(run, "evaluation").getLast();
        assertEquals(6, steps.size());
        assertEquals(6, measured.path("step").asInt());

        // The last checkpoint, trained on the validation rows: all of them, and those of step 6, which are the sixth
        // batch of four.
        Path model = work.resolve("run/checkpoints/step-000006");
        JsonNode whole = first(
                "whole",
                config(
                        "sft",
                        valid,
                        0,
                        "model.path",
                        model.toString(),
                        "batch",
                        "7",
                        "evaluate.token-accuracy",
                        "true"));
        assertEquals(value(whole, "loss"), value(measured, "loss"), ROUNDING);
        assertEquals(value(whole, "mean-token-accuracy"), value(measured, "mean-token-accuracy"), 1e-12);
        List<String> all = Files.readAllLines(valid);
        Path sixth = Files.write(work.resolve("sixth.jsonl"), List.of(all.get(6), all.get(0), all.get(1), all.get(2)));
        JsonNode batch = first(
                "batch", config("sft", sixth, 0, "model.path", model.toString(), "evaluate.token-accuracy", "true"));
        assertEquals(value(batch, "loss"), value(steps.getLast(), "valid-loss"), ROUNDING);
        assertEquals(value(batch, "mean-token-accuracy"), value(steps.getLast(), "valid-mean-token-accuracy"), 1e-12);
        assertNotEquals(value(measured, "loss"), value(steps.getLast(), "valid-loss"), ROUNDING);
        assertTrue(value(measured, "mean-token-accuracy") > 0, "something was learned: " + measured);

        assertEquals(
                value(measured, "loss"),
                RunReader.of(run).evaluations().getLast().figures().getOrDefault("loss", Double.NaN));
    }

    private JsonNode first(String name, ConfigFile.Resolved config) throws IOException {
        return lines(run(name, config, 1), "step").getFirst();
    }

    @Test
    void smallPartsSayTheSame() throws IOException {
        Path valid = rows("others.jsonl", 100, 7);
        JsonNode whole = lines(run("large", sft(valid, "micro-batch-tokens", "4096"), 1), "step")
                .getFirst();
        JsonNode parts = lines(
                        run("small", sft(valid, "micro-batch-tokens", "80", "activation-checkpointing", "true"), 1),
                        "step")
                .getFirst();
        for (String name : List.of("loss", "mean-token-accuracy", "valid-loss", "valid-mean-token-accuracy")) {
            assertEquals(value(whole, name), value(parts, name), 10 * ROUNDING, name);
        }
    }

    @Test
    void interruptedEqualsUndisturbed() throws IOException {
        Path valid = rows("others.jsonl", 100, 7);
        Path undisturbed = run("undisturbed", sft(valid), 0);
        run("interrupted", sft(valid), 2);
        run("interrupted", sft(valid), 4);
        Path resumed = run("interrupted", sft(valid), 0);
        assertEquals(
                Files.readString(undisturbed.resolve("metrics.jsonl")),
                Files.readString(resumed.resolve("metrics.jsonl")));
    }

    @Test
    void questionsHeldOutOfTrainChangeNothing() throws IOException {
        String metrics = Files.readString(run("held-out", sft(4), 0).resolve("metrics.jsonl"));
        assertFalse(metrics.contains("valid-loss"), metrics);
        assertFalse(metrics.contains("mean-token-accuracy"), metrics);
        for (JsonNode line : lines(work.resolve("held-out"), "evaluation")) {
            assertFalse(line.has("loss"), line.toString());
        }
    }

    @Test
    void pairsOfAFileAreHeldAgainstTheReference() throws IOException {
        Path start = run("start", sft(0, "epochs", "1"), 0).resolve("checkpoints/step-000003");
        Path train = pairs("pairs.jsonl", 0, 8);
        Path valid = pairs("other-pairs.jsonl", 50, 5);
        ConfigFile.Resolved dpo = config(
                "dpo",
                train,
                valid,
                "samples.path",
                train.toString(),
                "model.path",
                start.toString(),
                "epochs",
                "3",
                "evaluate.every",
                "2");
        Path run = run("dpo", dpo, 0);
        List<JsonNode> measured = lines(run, "evaluation");
        assertEquals(Math.log(2), value(measured.getFirst(), "loss"), ROUNDING, "the policy is its reference");
        assertTrue(value(measured.getLast(), "loss") < 0.6, "learned from other pairs: " + measured.getLast());
        assertEquals(1, value(measured.getLast(), "preference-accuracy"));
        List<JsonNode> steps = lines(run, "step");
        assertEquals(6, steps.size());
        for (JsonNode step : steps) {
            assertTrue(value(step, "valid-loss") < Math.log(2), step.toString());
            assertTrue(step.path("valid-preference-accuracy").isNumber(), step.toString());
        }
        // The accuracy is that of the preferred answers alone: other bad ones beside them change nothing.
        Path others = Files.writeString(
                work.resolve("with-others.jsonl"), Files.readString(valid).replace("I will not say", "No idea about"));
        String model = run.resolve("checkpoints/step-000006").toString();
        JsonNode trained = first(
                "with-others",
                config(
                        "dpo",
                        others,
                        0,
                        "samples.path",
                        others.toString(),
                        "model.path",
                        model,
                        "batch",
                        "5",
                        "evaluate.token-accuracy",
                        "true"));
        assertEquals(5, value(trained, "pairs"));
        assertEquals(value(trained, "mean-token-accuracy"), value(measured.getLast(), "mean-token-accuracy"), 1e-12);

        interruptedTwice("dpo-again", dpo);
        assertEquals(
                Files.readString(run.resolve("metrics.jsonl")),
                Files.readString(work.resolve("dpo-again/metrics.jsonl")));
    }

    private void interruptedTwice(String name, ConfigFile.Resolved config) {
        run(name, config, 1);
        run(name, config, 3);
        run(name, config, 0);
    }
}
