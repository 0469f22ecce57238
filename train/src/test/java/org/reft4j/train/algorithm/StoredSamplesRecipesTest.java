package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunException;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.FolderSampling;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;

/** Recipes that learn from stored samples, on a model of two layers and what it wrote; samples with an even number of letters are right. */
final class StoredSamplesRecipesTest {
    private static final int QUESTIONS = 6;
    private static final int SAMPLES = 6;
    /** Sums of float32 in another order. */
    private static final double ROUNDING = 1e-4;

    @TempDir
    private static Path work;

    private static Path model = Path.of("");
    private static Path samples = Path.of("");

    @BeforeAll
    static void sample() {
        Torch.start();
        Map<String, String> settings = common();
        settings.put(
                "model.new",
                "{layers: 2, width: 32, heads: 2, key-value-heads: 1, feed-forward: 64, context-length: 256, initializer-range: 0.1}");
        settings.put("batch", "8");
        settings.put("optimizer.learning-rate", "0.003");
        run("warmup", ConfigFile.of("sft", settings), true);
        model = work.resolve("warmup/checkpoints/step-000001");
        samples = work.resolve("samples");
        sampled(samples, "train", QUESTIONS);
    }

    private static Map<String, String> common() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("seed", "7");
        settings.put("model.compute", "f32");
        settings.put("data.dataset", "wordproblems");
        settings.put("data.cot", "n");
        settings.put("data.options.steps-max", "2");
        settings.put("data.options.annotated", "8");
        settings.put("data.options.answers", "0");
        settings.put("data.options.validation", "2");
        settings.put("data.options.test", "8");
        settings.put("epochs", "1");
        settings.put("max-tokens", "220");
        settings.put("evaluate.max-total-tokens", "120");
        return settings;
    }

    /** The folder that a model's samples are in. */
    private static void sampled(Path folder, String split, int count) {
        Dataset data = Datasets.open(ConfigFile.of("sft", with(common(), "model.path", model.toString()))
                .config()
                .data());
        List<Question> all = split.equals("train") ? data.train() : data.test();
        List<Question> questions = all.subList(0, count);
        StoredModel stored = StoredModel.open(model);
        SampleSettings settings = new SampleSettings(
                new SampleSettings.Model(model.toString(), Fingerprint.of(stored), "f32"),
                new SampleSettings.Data("wordproblems", split, "n", count, Fingerprint.of(questions)),
                JsonNodeFactory.instance.textNode("answer"),
                SAMPLES,
                1,
                0,
                1,
                110,
                64,
                42);
        try (Tokenizer tokenizer = stored.tokenizer();
                Decoder decoder = stored.build(DType.F32, Place.HOST);
                SampleFolder out = SampleFolder.open(folder, settings)) {
            Prompts prompts = new Prompts(
                    tokenizer, data.template(), tokenizer.endOfText().orElseThrow());
            FolderSampling.Judgement judgement = new FolderSampling.Judgement(
                    (_, text) -> text.length() % 2 == 0 ? new Grade.Correct("7") : new Grade.Wrong("8"),
                    Optional.empty());
            assertTrue(new FolderSampling(
                            decoder,
                            prompts,
                            judgement,
                            settings,
                            (q, n) -> new Seeds(42).key(Seeds.Purpose.SAMPLE, q, n))
                    .sample(questions, out, (_, _) -> {}, () -> false));
        }
    }

    private static Map<String, String> with(Map<String, String> settings, String... more) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        for (int i = 0; i < more.length; i += 2) {
            changed.put(more[i], more[i + 1]);
        }
        return changed;
    }

    private static ConfigFile.Resolved config(String recipe, String... more) {
        Map<String, String> settings = with(
                common(),
                "model.path",
                model.toString(),
                "samples.path",
                samples.toString(),
                "batch",
                "4",
                "epochs",
                "2",
                "optimizer.learning-rate",
                "0.003",
                "optimizer.warmup",
                "0",
                "optimizer.schedule",
                "constant");
        return ConfigFile.of(recipe, with(settings, more));
    }

    private static Path run(String name, ConfigFile.Resolved config, boolean resume, RunListener... watchers) {
        Path folder = work.resolve(name);
        try (RunFolder run = RunFolder.open(folder, config.yaml(), Map.of(), resume, List.of(watchers))) {
            config.run(run, GraderTools.plain(Cot.PROSE));
        }
        return folder;
    }

    /** Runs until a step is done, or before the first for 0. */
    private static void interrupted(String name, ConfigFile.Resolved config, int step) {
        List<RunFolder> self = new ArrayList<>();
        RunListener stopper = event -> {
            if (event instanceof RunEvent.Stepped stepped && stepped.step() == step) {
                self.getFirst().requestStop();
            }
        };
        try (RunFolder run = RunFolder.open(work.resolve(name), config.yaml(), Map.of(), true, List.of(stopper))) {
            self.add(run);
            if (step == 0) {
                run.requestStop();
            }
            config.run(run, GraderTools.plain(Cot.PROSE));
        }
    }

    private static List<JsonNode> steps(Path run) throws IOException {
        List<JsonNode> steps = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode node = Json.PLAIN.readTree(line);
            if (line.contains("\"gradient-norm\"")) {
                steps.add(node);
            }
        }
        return steps;
    }

    private static double value(JsonNode step, String name) {
        JsonNode value = step.findValue(name);
        assertTrue(value != null, () -> name + " in " + step);
        return value == null ? Double.NaN : value.asDouble();
    }

    private static String refused(ConfigFile.Resolved config) {
        String name = "refused-" + System.nanoTime();
        return String.valueOf(assertThrows(ConfigException.class, () -> run(name, config, false))
                .getMessage());
    }

    @Test
    void pairsArePreferredMoreAndMore() throws IOException {
        List<JsonNode> steps = steps(run("dpo", config("dpo", "epochs", "6"), false));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING, "the policy is its reference");
        assertEquals(0, value(steps.getFirst(), "margin"), ROUNDING);
        assertEquals(4, value(steps.getFirst(), "pairs"));
        assertTrue(value(steps.getLast(), "loss") < 0.6, () -> "loss " + steps.getLast());
        assertTrue(value(steps.getLast(), "margin") > 0.1, () -> "margin " + steps.getLast());
    }

    @Test
    void adaptersAreHeldAgainstTheirBase() throws IOException {
        List<JsonNode> steps = steps(run("adapted", config("dpo", "lora.rank", "2", "epochs", "1"), false));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING);
        assertTrue(Math.abs(value(steps.getLast(), "margin")) > 1e-6, () -> "something moved: " + steps.getLast());
    }

    @Test
    void ipoStartsAtItsTarget() throws IOException {
        // h is 0, so that the loss is (1 / (2 beta))^2.
        List<JsonNode> steps = steps(
                run("ipo", config("dpo", "preference.loss", "ipo", "preference.beta", "0.5", "epochs", "0.1"), false));
        assertEquals(1, value(steps.getFirst(), "loss"), ROUNDING);
    }

    @Test
    void ktoStartsHalfWay() throws IOException {
        List<JsonNode> steps = steps(run("kto", config("kto", "epochs", "2"), false));
        assertEquals(0.5, value(steps.getFirst(), "loss"), ROUNDING, "1 - sigmoid(0)");
        assertEquals(0, value(steps.getFirst(), "kl-point"), ROUNDING);
        assertTrue(steps.stream().anyMatch(step -> value(step, "kl-point") > 0.01), "the policy moved");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpo", "weighted-regression", "kto"})
    void partsDoNotChangeTheLoss(String recipe) throws IOException {
        List<JsonNode> whole =
                steps(run("whole-" + recipe, config(recipe, "epochs", "0.5", "micro-batch-tokens", "4096"), false));
        List<JsonNode> parts =
                steps(run("parts-" + recipe, config(recipe, "epochs", "0.5", "micro-batch-tokens", "150"), false));
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
        ConfigFile.Resolved config = config(recipe, "checkpoint-every", "1", "epochs", "1");
        Path undisturbed = run("undisturbed-" + recipe, config, false);
        String name = "interrupted-" + recipe;
        interrupted(name, config, 0);
        interrupted(name, config, 2);
        Path resumed = run(name, config, true);
        assertTrue(steps(undisturbed).size() > 3, "steps");
        assertEquals(
                Files.readString(undisturbed.resolve("metrics.jsonl")),
                Files.readString(resumed.resolve("metrics.jsonl")));
    }

    @Test
    void samplesThatChangedAreNoticed() throws IOException {
        ConfigFile.Resolved config = config("dpo", "epochs", "1");
        interrupted("changed", config, 1);
        Path part = work.resolve("changed/reference/part-000001.json");
        Files.writeString(part, Files.readString(part).replaceFirst("\"rows\":\"....", "\"rows\":\"0000"));
        String message = String.valueOf(assertThrows(RunException.class, () -> run("changed", config, true))
                .getMessage());
        assertTrue(message.contains(part.toString()) && message.contains("other samples"), message);
    }

    /** Scores of another model, or of products of another type, are not taken for those of this one. */
    @Test
    void aModelThatChangedIsNoticed() throws IOException {
        ConfigFile.Resolved config = config("dpo", "epochs", "1");
        interrupted("other-files", config, 1);
        Path part = work.resolve("other-files/reference/part-000001.json");
        String before = Files.readString(part);
        Files.writeString(part, before.replaceFirst("\"model\":\"....", "\"model\":\"0000"));
        String message = String.valueOf(assertThrows(RunException.class, () -> run("other-files", config, true))
                .getMessage());
        assertTrue(message.contains(part.toString()) && message.contains("another model"), message);
        Files.writeString(part, before.replaceFirst(",\"model\":\"[^\"]*\"", ""));
        run("other-files", config, true);
        assertEquals(before, Files.readString(part), "what does not say whose it is, is worked out again");
    }

    @Test
    void equalWeightsAreSupervisedTraining() throws IOException {
        // With a large beta every weight is 1.
        List<JsonNode> steps =
                steps(run("flat", config("weighted-regression", "regression.beta", "1e9", "epochs", "0.1"), false));
        assertEquals(1, value(steps.getFirst(), "weight-mean"), 1e-6);
        assertEquals(4, value(steps.getFirst(), "effective-samples"), 1e-4);
        double nats = value(steps.getFirst(), "loss");
        assertTrue(nats > 1 && nats < 12, () -> "cross-entropy per token " + nats);
    }

    @Test
    void rolloutsOfARunAreReadAsSamplesAre() throws IOException {
        ConfigFile.Resolved begun = config("weighted-regression", "name", "rollouts");
        Path folder = work.resolve("rollouts");
        List<KeptRollout> records = new ArrayList<>();
        Dataset data = Datasets.open(begun.config().data());
        for (SampledQuestion sampled : SampleReader.questions(samples)) {
            for (KeptRollout sample : sampled.samples()) {
                records.add(record(sample, data));
            }
        }
        try (RunFolder run = RunFolder.open(folder, begun.yaml(), Map.of(), false, List.of())) {
            run.emit(new RunEvent.RolledOut(1, records));
        }
        String there = Files.readString(run("from-run", config("dpo", "samples.path", folder.toString()), false)
                .resolve("metrics.jsonl"));
        String here = Files.readString(run("from-samples", config("dpo"), false).resolve("metrics.jsonl"));
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
                steps(run("given", config("dpo", "samples.path", file.toString(), "epochs", "1"), false));
        assertEquals(1, steps.size());
        assertEquals(4, value(steps.getFirst(), "pairs"));
        assertEquals(Math.log(2), value(steps.getFirst(), "loss"), ROUNDING);
    }

    /** A copy of the samples with something changed. */
    private static Path changed(String name, String file, String from, String to) throws IOException {
        Path folder = Files.createDirectory(work.resolve(name));
        for (String each : List.of("samples.json", "samples.jsonl")) {
            String text = Files.readString(samples.resolve(each));
            if (each.equals(file)) {
                String other = text.replaceAll(from, to);
                assertFalse(other.equals(text), "nothing to change in " + text);
                text = other;
            }
            Files.writeString(folder.resolve(each), text);
        }
        return folder;
    }

    private static void refused(String name, String file, String from, String to, String... expected)
            throws IOException {
        Path folder = changed(name, file, from, to);
        String message = refused(config("dpo", "samples.path", folder.toString()));
        assertTrue(message.contains(folder.toString()), message);
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void samplesOfAnotherModelAreRefusedUnlessAccepted() throws IOException {
        refused(
                "other-model",
                "samples.json",
                "(\"fingerprint\" : \")....",
                "$10000",
                "another model",
                "samples.mismatch=accept");
    }

    @Test
    void acceptedSamplesAreLearnedFrom() throws IOException {
        Path folder = changed("accepted", "samples.json", "\"grader\" : \"answer\"", "\"grader\" : \"another\"");
        String message = refused(config("dpo", "samples.path", folder.toString()));
        assertTrue(message.contains("graded by \"another\"") && message.contains("samples.mismatch=accept"), message);
        ConfigFile.Resolved config =
                config("dpo", "samples.path", folder.toString(), "samples.mismatch", "accept", "epochs", "0.1");
        assertEquals(1, steps(run("accepted-run", config, false)).size());
    }

    @Test
    void whatIsNotOfTheseDataIsRefused() throws IOException {
        refused("other-split", "samples.json", "\"train\"", "\"test\"", "test split", "--split train");
        refused("other-cot", "samples.json", "\"cot\" : \"n\"", "\"cot\" : \"p\"", "data.cot is prose", "program");
        refused("other-target", "samples.jsonl", "(\"target\":\")", "$19", "other data", "its answer is");
        refused("other-id", "samples.jsonl", "(\"item_id\":\")", "$1x", "no such question");
        refused("no-ids", "samples.jsonl", ",\"token_ids\":\\[[^\\]]*\\]", "", "no token_ids", "sample again");
        refused("other-ids", "samples.jsonl", "(\"token_ids\":\\[)", "$15,", "do not say its text");
        refused("foreign-ids", "samples.jsonl", "(\"token_ids\":\\[)", "$1999999,", "do not say its text");
    }

    @Test
    void withoutAnyPairThereIsNothingToLearn() throws IOException {
        refused("all-wrong", "samples.jsonl", "\"correct\":true", "\"correct\":false", "no pair to learn from");
    }

    @Test
    void aNewModelWroteNoSamples() {
        Map<String, String> settings = with(common(), "samples.path", samples.toString());
        settings.put(
                "model.new",
                "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}");
        String message = String.valueOf(assertThrows(ConfigException.class, () -> ConfigFile.of("kto", settings))
                .getMessage());
        assertTrue(message.contains("model.new") && message.contains("model.path"), message);
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        for (String[] wrong : new String[][] {
            {"samples.mismatch", "maybe"},
            {"pairs-per-question", "0"},
            {"batch", "0"},
            {"epochs", "0"},
            {"max-tokens", "1"}
        }) {
            String message = String.valueOf(assertThrows(ConfigException.class, () -> config("dpo", wrong))
                    .getMessage());
            assertTrue(message.contains(wrong[0] + " is " + wrong[1]), message);
        }
    }

    @Test
    void aSampleFolderOfTheTestSplitIsRefusedAsItIs() {
        Path folder = work.resolve("test-samples");
        sampled(folder, "test", 2);
        String message = refused(config("kto", "samples.path", folder.toString()));
        assertTrue(message.contains("samples of the test split"), message);
    }
}
