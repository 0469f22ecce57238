package org.reft4j.train.algorithm;

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
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.FolderSampling;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleSettings;

/**
 * A model of two layers and what it wrote to learn from; samples with an even number of letters are right.
 *
 * @param work the folder of everything
 * @param model the newest checkpoint of its warm-up
 * @param samples the folder of its samples of training questions
 */
record StoredSamples(Path work, Path model, Path samples) {
    private static final int QUESTIONS = 6;
    private static final int SAMPLES = 6;

    /** Trains the model, and lets it write. */
    static StoredSamples make(Path work) {
        Torch.start();
        StoredSamples made =
                new StoredSamples(work, work.resolve("warmup/checkpoints/step-000001"), work.resolve("samples"));
        Map<String, String> settings = common();
        settings.put(
                "model.new",
                "{layers: 2, width: 32, heads: 2, key-value-heads: 1, feed-forward: 64, context-length: 256, initializer-range: 0.1}");
        settings.put("batch", "8");
        settings.put("optimizer.learning-rate", "0.003");
        made.run("warmup", ConfigFile.of("sft", settings), true);
        made.sampled(made.samples, "train", QUESTIONS);
        return made;
    }

    static Map<String, String> common() {
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

    /** Fills a folder with what the model writes. */
    void sampled(Path folder, String split, int count) {
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

    static Map<String, String> with(Map<String, String> settings, String... more) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        for (int i = 0; i < more.length; i += 2) {
            changed.put(more[i], more[i + 1]);
        }
        return changed;
    }

    ConfigFile.Resolved config(String recipe, String... more) {
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

    Path run(String name, ConfigFile.Resolved config, boolean resume, RunListener... watchers) {
        Path folder = work.resolve(name);
        try (RunFolder run = RunFolder.open(folder, config.yaml(), Map.of(), resume, List.of(watchers))) {
            config.run(run, GraderTools.plain(Cot.PROSE));
        }
        return folder;
    }

    /** Runs until a step is done, or before the first for 0. */
    void interrupted(String name, ConfigFile.Resolved config, int step) {
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

    static List<JsonNode> steps(Path run) throws IOException {
        List<JsonNode> steps = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode node = Json.PLAIN.readTree(line);
            if (line.contains("\"gradient-norm\"")) {
                steps.add(node);
            }
        }
        return steps;
    }

    static double value(JsonNode step, String name) {
        JsonNode value = step.findValue(name);
        assertTrue(value != null, () -> name + " in " + step);
        return value == null ? Double.NaN : value.asDouble();
    }
}
