package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.train.algorithm.StoredSamples.steps;
import static org.reft4j.train.algorithm.StoredSamples.value;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunException;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.sample.SampleReader;

/** Recipes that learn from stored samples, on a tiny model and what it wrote. */
final class StoredSamplesRecipesTest {
    /** Sums of float32 in another order. */
    private static final double ROUNDING = 1e-4;

    @TempDir
    private static Path work;

    private static StoredSamples stored = new StoredSamples(Path.of(""), Path.of(""), Path.of(""));

    @BeforeAll
    static void sample() {
        stored = StoredSamples.make(work);
    }

    @Test
    void pairsArePreferredMoreAndMore() throws IOException {
        List<JsonNode> steps = steps(stored.run("dpo", stored.config("dpo", "epochs", "6"), false));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING, "the policy is its reference");
        assertEquals(0, value(steps.getFirst(), "margin"), ROUNDING);
        assertEquals(4, value(steps.getFirst(), "pairs"));
        assertTrue(value(steps.getLast(), "loss") < 0.6, () -> "loss " + steps.getLast());
        assertTrue(value(steps.getLast(), "margin") > 0.1, () -> "margin " + steps.getLast());
    }

    @Test
    void adaptersAreHeldAgainstTheirBase() throws IOException {
        List<JsonNode> steps =
                steps(stored.run("adapted", stored.config("dpo", "lora.rank", "2", "epochs", "1"), false));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING);
        assertTrue(Math.abs(value(steps.getLast(), "margin")) > 1e-6, () -> "something moved: " + steps.getLast());
    }

    @Test
    void ipoStartsAtItsTarget() throws IOException {
        // h is 0, so that the loss is (1 / (2 beta))^2.
        List<JsonNode> steps = steps(stored.run(
                "ipo",
                stored.config("dpo", "preference.loss", "ipo", "preference.beta", "0.5", "epochs", "0.1"),
                false));
        assertEquals(1, value(steps.getFirst(), "loss"), ROUNDING);
    }

    @Test
    void ktoStartsHalfWay() throws IOException {
        List<JsonNode> steps = steps(stored.run("kto", stored.config("kto", "epochs", "2"), false));
        assertEquals(0.5, value(steps.getFirst(), "loss"), ROUNDING, "1 - sigmoid(0)");
        assertEquals(0, value(steps.getFirst(), "kl-point"), ROUNDING);
        assertTrue(steps.stream().anyMatch(step -> value(step, "kl-point") > 0.01), "the policy moved");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "weighted-regression", "kto"})
    void partsDoNotChangeTheLoss(String recipe) throws IOException {
        List<JsonNode> whole = steps(stored.run(
                "whole-" + recipe, stored.config(recipe, "epochs", "0.5", "micro-batch-tokens", "4096"), false));
        List<JsonNode> parts = steps(stored.run(
                "parts-" + recipe, stored.config(recipe, "epochs", "0.5", "micro-batch-tokens", "150"), false));
        for (String name : List.of("loss", "gradient-norm")) {
            for (int i = 0; i < 2; i++) {
                double expected = value(whole.get(i), name);
                assertEquals(expected, value(parts.get(i), name), ROUNDING * Math.max(1, expected), name + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "weighted-regression", "kto"})
    void interruptedEqualsUndisturbed(String recipe) throws IOException {
        ConfigFile.Resolved config = stored.config(recipe, "checkpoint-every", "1", "epochs", "1");
        Path undisturbed = stored.run("undisturbed-" + recipe, config, false);
        String name = "interrupted-" + recipe;
        stored.interrupted(name, config, 0);
        stored.interrupted(name, config, 2);
        Path resumed = stored.run(name, config, true);
        assertTrue(steps(undisturbed).size() > 3, "steps");
        assertEquals(
                Files.readString(undisturbed.resolve("metrics.jsonl")),
                Files.readString(resumed.resolve("metrics.jsonl")));
    }

    @Test
    void samplesThatChangedAreNoticed() throws IOException {
        ConfigFile.Resolved config = stored.config("dpo", "epochs", "1");
        stored.interrupted("changed", config, 1);
        Path part = work.resolve("changed/reference/part-000001.json");
        Files.writeString(part, Files.readString(part).replaceFirst("\"rows\":\"....", "\"rows\":\"0000"));
        String message = String.valueOf(assertThrows(RunException.class, () -> stored.run("changed", config, true))
                .getMessage());
        assertTrue(message.contains(part.toString()) && message.contains("other samples"), message);
    }

    /** Scores of another model, or of products of another type, are not taken for those of this one. */
    @Test
    void aModelThatChangedIsNoticed() throws IOException {
        ConfigFile.Resolved config = stored.config("dpo", "epochs", "1");
        stored.interrupted("other-files", config, 1);
        Path part = work.resolve("other-files/reference/part-000001.json");
        String before = Files.readString(part);
        Files.writeString(part, before.replaceFirst("\"model\":\"....", "\"model\":\"0000"));
        String message = String.valueOf(assertThrows(RunException.class, () -> stored.run("other-files", config, true))
                .getMessage());
        assertTrue(message.contains(part.toString()) && message.contains("another model"), message);
        Files.writeString(part, before.replaceFirst(",\"model\":\"[^\"]*\"", ""));
        stored.run("other-files", config, true);
        assertEquals(before, Files.readString(part), "what does not say whose it is, is worked out again");
    }

    @Test
    void equalWeightsAreSupervisedTraining() throws IOException {
        // With a large beta every weight is 1.
        List<JsonNode> steps = steps(stored.run(
                "flat", stored.config("weighted-regression", "regression.beta", "1e9", "epochs", "0.1"), false));
        assertEquals(1, value(steps.getFirst(), "weight-mean"), 1e-6);
        assertEquals(4, value(steps.getFirst(), "effective-samples"), 1e-4);
        double nats = value(steps.getFirst(), "loss");
        assertTrue(nats > 1 && nats < 12, () -> "cross-entropy per token " + nats);
    }

    @Test
    void rolloutsOfARunAreReadAsSamplesAre() throws IOException {
        ConfigFile.Resolved begun = stored.config("weighted-regression", "name", "rollouts");
        Path folder = work.resolve("rollouts");
        List<KeptRollout> records = new ArrayList<>();
        Dataset data = Datasets.open(begun.config().data());
        for (SampledQuestion sampled : SampleReader.questions(stored.samples())) {
            for (KeptRollout sample : sampled.samples()) {
                records.add(record(sample, data));
            }
        }
        try (RunFolder run = RunFolder.open(folder, begun.yaml(), Map.of(), false, List.of())) {
            run.emit(new RunEvent.RolledOut(1, records));
        }
        String there =
                Files.readString(stored.run("from-run", stored.config("dpo", "samples.path", folder.toString()), false)
                        .resolve("metrics.jsonl"));
        String here = Files.readString(
                stored.run("from-samples", stored.config("dpo"), false).resolve("metrics.jsonl"));
        assertEquals(here, there);
    }

    private static KeptRollout record(KeptRollout sample, Dataset data) {
        Question question = data.train().stream()
                .filter(each -> each.id().equals(sample.questionId()))
                .findFirst()
                .orElseThrow();
        return Kept.row(
                1,
                sample.questionId(),
                sample.sample(),
                question.text(),
                sample.target(),
                sample.completion(),
                sample.tokens(),
                sample.grade(),
                "",
                sample.reward(),
                sample.stop(),
                sample.ids(),
                null);
    }

    @Test
    void pairsOfAFile() throws IOException {
        Path file = Files.writeString(
                work.resolve("pairs.jsonl"),
                "{\"question\": \"1 + 1?\", \"chosen\": \"It is 2.\", \"rejected\": \"It is 3.\"}\n".repeat(3)
                        + "{\"question\": \"1 + 2?\", \"chosen\": \"It is 3.\", \"rejected\": \"It is 2.\"}\n");
        List<JsonNode> steps =
                steps(stored.run("given", stored.config("dpo", "samples.path", file.toString(), "epochs", "1"), false));
        assertEquals(1, steps.size());
        assertEquals(4, value(steps.getFirst(), "pairs"));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING);
    }
}
