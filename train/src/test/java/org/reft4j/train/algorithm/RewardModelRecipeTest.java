package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.CrossEntropy;
import org.reft4j.train.learn.LabelledPassage;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OptimizerConfig;

/** A reward model of one layer, on samples whose last sentence says whether they are right. */
class RewardModelRecipeTest {
    /** float32 sums through one layer. */
    private static final double TOLERANCE = 1e-5;

    private static final int QUESTIONS = 10;
    private static final String RIGHT = "We count on. All is well.";
    private static final String WRONG = "We count on. Nobody knows.";

    @TempDir
    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        // Paths of a configuration must exist when it is read.
        Files.createDirectories(folder.resolve("samples"));
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("model.new.layers", "1");
        settings.put("model.new.width", "32");
        settings.put("model.new.heads", "2");
        settings.put("model.new.key-value-heads", "2");
        settings.put("model.new.feed-forward", "64");
        settings.put("model.new.context-length", "256");
        settings.put("model.compute", "f32");
        settings.put("data.dataset", "wordproblems");
        settings.put("data.cot", "n");
        settings.put("data.options.answers", "12");
        settings.put("data.options.annotated", "4");
        settings.put("samples.path", folder.resolve("samples").toString());
        settings.put("samples.held-out", "0.2");
        settings.put("batch", "8");
        settings.put("epochs", "20");
        settings.put("optimizer.learning-rate", "0.01");
        return settings;
    }

    private ConfigFile.Resolved config(Map<String, String> settings) {
        return ConfigFile.of("reward-model", settings);
    }

    private static KeptRollout sample(Question question, int number, String text, boolean right) {
        return Kept.line(
                question.id(),
                question.answer().raw(),
                number,
                text,
                Optional.of(right ? question.answer().raw() : "-1"),
                right ? "correct" : "wrong",
                right,
                right ? 1 : 0,
                -1,
                null);
    }

    private List<Question> questions() {
        return Datasets.open(config(settings()).config().data()).train().subList(0, QUESTIONS);
    }

    private SampleSettings made(String split, String cot) {
        return made(split, cot, Fingerprint.of(questions()));
    }

    private static SampleSettings made(String split, String cot, String print) {
        return new SampleSettings(
                new SampleSettings.Model("gone", "print", "f32"),
                new SampleSettings.Data("wordproblems", split, cot, QUESTIONS, print),
                JsonNodeFactory.instance.textNode("answer"),
                4,
                1,
                50,
                1,
                200,
                4,
                42);
    }

    /** For each question, a right and a wrong text, each twice. */
    private List<SampledQuestion> samples(SampleSettings made) {
        List<SampledQuestion> sampled = new ArrayList<>();
        for (Question question : questions()) {
            sampled.add(new SampledQuestion(
                    sample(question, -1, RIGHT, true),
                    List.of(
                            sample(question, 0, WRONG, false),
                            sample(question, 1, RIGHT, true),
                            sample(question, 2, WRONG + "\n", false),
                            sample(question, 3, RIGHT, true))));
        }
        try (SampleFolder written = SampleFolder.open(folder.resolve("samples"), made)) {
            written.append(sampled);
        }
        return sampled;
    }

    /** Runs, or goes on. @return the metrics of its steps */
    private List<Map<String, Double>> run(String name, Map<String, String> settings, int stopAfter) {
        List<Map<String, Double>> metrics = new ArrayList<>();
        List<RunFolder> self = new ArrayList<>();
        RunListener listener = event -> {
            if (event instanceof RunEvent.Stepped stepped) {
                metrics.add(stepped.metrics());
                if (stepped.step() + 1 == stopAfter) {
                    self.getFirst().requestStop();
                }
            }
        };
        ConfigFile.Resolved resolved = config(settings);
        try (RunFolder run = RunFolder.open(folder.resolve(name), resolved.yaml(), Map.of(), true, List.of(listener))) {
            self.add(run);
            resolved.run(run, GraderTools.plain(Cot.PROSE));
        }
        return metrics;
    }

    private Path weights(String name, int step) {
        return folder.resolve(name).resolve("checkpoints/step-00000" + step).resolve("model.safetensors");
    }

    @Test
    void learnsToTellRightFromWrongAndIsReadBack() {
        List<SampledQuestion> sampled = samples(made("train", "n"));
        List<Map<String, Double>> metrics = run("run", settings(), 0);
        // Eight questions teach two different texts each: 16 rows, two steps an epoch.
        assertEquals(40, metrics.size());
        assertEquals(Math.log(2), metrics.getFirst().getOrDefault("loss", Double.NaN), 0.7, "knows nothing at first");
        Map<String, Double> last = metrics.getLast();
        assertEquals(1.0, last.getOrDefault("validation-accuracy", Double.NaN), last.toString());
        assertEquals(1.0, last.getOrDefault("validation-auc", Double.NaN), last.toString());
        assertTrue(last.getOrDefault("validation-loss", Double.NaN) < 0.4, last.toString());

        Path model = folder.resolve("run/checkpoints/step-000040");
        Question question =
                Datasets.open(config(settings()).config().data()).train().getFirst();
        assertEquals(question.id(), sampled.getFirst().greedy().questionId());
        try (RewardModel read = RewardModel.open(model, Place.HOST)) {
            assertEquals(new RewardModel.Kind(RewardLabels.OUTCOME, Cot.PROSE), read.kind());
            List<List<Double>> scores =
                    read.scores(read.passages(new ReftTemplate(Cot.PROSE)), question, List.of(RIGHT, WRONG));
            assertTrue(scores.get(0).getFirst() > 0.6 && scores.get(1).getFirst() < 0.4, scores.toString());
        }
    }

    @Test
    void stoppedAndResumedEqualsUndisturbed() throws IOException {
        samples(made("train", "n"));
        Map<String, String> settings = settings();
        settings.put("epochs", "3");
        run("undisturbed", settings, 0);
        run("stopped", settings, 3);
        run("stopped", settings, 0);
        assertArrayEquals(Files.readAllBytes(weights("undisturbed", 6)), Files.readAllBytes(weights("stopped", 6)));
    }

    @Test
    void whatDoesNotBelongTogetherIsRefused() {
        samples(made("test", "n"));
        assertRefused(settings(), "samples of the test split");
    }

    @Test
    void chainsOfAnotherKindAreRefused() {
        samples(made("train", "p"));
        assertRefused(settings(), "data.cot is n; expected p");
    }

    @Test
    void samplesOfOtherQuestionsAreRefused() {
        samples(made("train", "n"));
        Map<String, String> settings = settings();
        settings.put("data.options.answers", "2");
        settings.put("data.options.annotated", "1");
        assertRefused(settings, "data has no such training question");
    }

    @Test
    void samplesOfOtherTextsWithTheSameAnswersAreRefused() {
        samples(made("train", "n", "otherprint"));
        assertRefused(settings(), "of other questions than the first 10 training questions of data");
    }

    @Test
    void aFileOfPairsIsNoSource() throws IOException {
        Path pairs = Files.writeString(
                folder.resolve("pairs.jsonl"), "{\"question\": \"q\", \"chosen\": \"a\", \"rejected\": \"b\"}\n");
        Map<String, String> settings = settings();
        settings.put("samples.path", pairs.toString());
        assertRefused(settings, "samples.path is " + pairs + ", a file; expected a folder of reft sample");
    }

    @Test
    void stepsThatTeachNothingAreToBlameThemselves() throws IOException {
        samples(made("train", "n"));
        Path steps = folder.resolve("steps.jsonl");
        Map<String, String> settings = settings();
        settings.put("labels", "process");
        settings.put("steps.path", Files.writeString(steps, "").toString());
        assertRefused(settings, "steps.path is " + steps + ", which has no label");
        Files.writeString(
                steps,
                questions().stream()
                        .map(question ->
                                "{\"item_id\":\"" + question.id() + "\",\"completion\":\"a.\",\"labels\":[1]}\n")
                        .collect(Collectors.joining()));
        assertRefused(settings, "steps.path is " + steps + ", of which 8 of 8 labels are right");
    }

    @Test
    void aFileOfStepsGoesWithLabelsOfSteps() {
        Map<String, String> settings = settings();
        settings.put("labels", "process");
        samples(made("train", "n"));
        assertTrue(String.valueOf(assertThrows(ConfigException.class, () -> config(settings))
                        .getMessage())
                .contains("steps is missing"));
    }

    @Test
    void stepsAreLearnedFromAFile() throws IOException {
        List<SampledQuestion> sampled = samples(made("train", "n"));
        StringBuilder lines = new StringBuilder();
        for (SampledQuestion question : sampled) {
            for (String text : List.of(RIGHT, WRONG)) {
                lines.append("{\"item_id\":\"%s\",\"completion\":\"%s\",\"right\":[3,%d],\"rollouts\":4}%n"
                        .formatted(question.greedy().questionId(), text, text.equals(RIGHT) ? 4 : 0));
            }
        }
        Files.writeString(folder.resolve("steps.jsonl"), lines.toString());
        Map<String, String> settings = settings();
        settings.put("labels", "process");
        settings.put("steps.path", folder.resolve("steps.jsonl").toString());
        Map<String, Double> last = run("process", settings, 0).getLast();
        assertEquals(1.0, last.getOrDefault("validation-accuracy", Double.NaN), last.toString());
        try (RewardModel read = RewardModel.open(folder.resolve("process/checkpoints/step-000040"), Place.HOST)) {
            Question question =
                    Datasets.open(config(settings).config().data()).train().getFirst();
            List<Double> steps = read.scores(read.passages(new ReftTemplate(Cot.PROSE)), question, List.of(WRONG))
                    .getFirst();
            assertTrue(steps.size() == 2 && steps.getFirst() > 0.6 && steps.getLast() < 0.4, steps.toString());
        }
    }

    private void assertRefused(Map<String, String> settings, String what) {
        String message = String.valueOf(assertThrows(ConfigException.class, () -> run("refused", settings, 0))
                .getMessage());
        assertTrue(message.contains(what), message);
    }

    /** -y log p - (1 - y) log (1 - p), as a mean over labels whatever the groups. */
    @Test
    void theLossIsTheMeanCrossEntropyOfAllLabels() {
        Torch.start();
        ModelSources.Source source = ModelSources.open(
                new ModelSource(null, new ModelSource.NewModel(1, 16, 2, 2, 32, 64, 0.2), "f32", "cpu"), 7);
        source.tokenizer().close();
        float[] weight = new float[32];
        for (int i = 0; i < 32; i++) {
            weight[i] = (i % 7 - 3) / 4f;
        }
        try (var _ = NativeScope.open();
                SequenceClassifier model = SequenceClassifier.of(
                        source.build(DType.F32, Place.HOST), Tensors.floats(Place.HOST, weight, 2, 16));
                AdamW optimizer = new AdamW(
                        model.backbone(),
                        model.head(),
                        1,
                        new OptimizerConfig(1e-3, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0, 0))) {
            List<Passage> passages = List.of(
                    new Passage(Tokens.of(5, 9), Tokens.of(7, 8, 9, 10), List.of(2, 4)),
                    Passage.whole(Tokens.of(5, 9), Tokens.of(11)));
            List<List<Double>> p = model.probabilities(passages, 100);
            double expected = -(Math.log(p.get(0).get(0))
                            + 0.25 * Math.log(p.get(0).get(1))
                            + 0.75 * Math.log(1 - p.get(0).get(1))
                            + Math.log(1 - p.get(1).get(0)))
                    / 3;
            List<LabelledPassage> labelled = List.of(
                    new LabelledPassage(passages.get(0), List.of(1.0, 0.25)),
                    new LabelledPassage(passages.get(1), List.of(0.0)));
            optimizer.zeroGradients();
            assertEquals(expected, CrossEntropy.backward(labelled, 100, model), TOLERANCE);
            double together = optimizer.clipAndStep(0);
            optimizer.zeroGradients();
            assertEquals(expected, CrossEntropy.backward(labelled, 4, model), TOLERANCE);
            assertTrue(together > 0.01, () -> "norm " + together);
            assertEquals(together, optimizer.clipAndStep(0), TOLERANCE * together);
        }
    }
}
