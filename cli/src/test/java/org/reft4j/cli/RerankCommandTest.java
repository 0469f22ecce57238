package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.AnswerKind;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

/** Reranking from the command line, with a reward model of random weights. */
class RerankCommandTest {
    private static final String DATA = "wordproblems:annotated=4,answers=4,validation=2,test=3";
    private static final int WIDTH = 32;

    @TempDir
    private Path folder;

    private Path samples = Path.of("");

    @BeforeEach
    void writeSamples() {
        samples = folder.resolve("samples");
        writeSamples(samples, folder.resolve("gone"), Split.TEST);
    }

    /** Writes samples of the first three questions. */
    private static void writeSamples(Path samples, Path writer, Split split) {
        List<Question> questions =
                Datasets.open(DATA, Cot.PROSE).questions(split).subList(0, 3);
        SampleSettings settings = new SampleSettings(
                new SampleSettings.Model(writer.toString(), "print", "f32"),
                new SampleSettings.Data(
                        "wordproblems",
                        split.name().toLowerCase(Locale.ROOT),
                        "n",
                        questions.size(),
                        Fingerprint.of(questions)),
                JsonNodeFactory.instance.textNode("answer"),
                4,
                1,
                50,
                1,
                200,
                4,
                42);
        List<SampledQuestion> sampled = new ArrayList<>();
        for (Question question : questions) {
            List<KeptRollout> all = new ArrayList<>();
            for (int i = -1; i < 4; i++) {
                all.add(sample(question, i));
            }
            sampled.add(new SampledQuestion(all.getFirst(), all.subList(1, 5)));
        }
        try (SampleFolder written = SampleFolder.open(samples, settings)) {
            written.append(sampled);
        }
    }

    /** The even ones are right; the last has no answer. */
    private static KeptRollout sample(Question question, int number) {
        boolean right = number % 2 == 0;
        boolean none = number == 3;
        return new KeptRollout(
                0,
                question.id(),
                number,
                "",
                question.answer().raw(),
                AnswerKind.NUMBER,
                "Chain " + number + ". It goes on.",
                5,
                none ? "no-answer" : right ? "correct" : "wrong",
                right,
                none ? Optional.empty() : Optional.of(right ? question.answer().raw() : "-" + number),
                right ? 1 : 0,
                Map.of(),
                "end-of-text",
                -1,
                null,
                null);
    }

    private Path rewardModel(RewardLabels labels, Cot cot) throws IOException {
        return rewardModel(labels, cot, 0.1f);
    }

    private Path rewardModel(RewardLabels labels, Cot cot, float scale) throws IOException {
        Torch.start();
        ModelSources.Source source = ModelSources.open(
                new ModelSource(null, new ModelSource.NewModel(1, WIDTH, 2, 2, 64, 256, 0.2), "f32", "cpu"), 7);
        float[] weight = new float[2 * WIDTH];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (i % 7 - 3) * scale;
        }
        Path model = Files.createDirectories(folder.resolve(labels + "-" + cot + "-" + scale));
        try (Tokenizer tokenizer = source.tokenizer();
                var _ = NativeScope.open();
                SequenceClassifier classifier = SequenceClassifier.of(
                        source.builder().apply(DType.F32, Place.HOST), Tensors.floats(Place.HOST, weight, 2, WIDTH))) {
            Prompts prompts = new Prompts(
                    tokenizer, new ReftTemplate(cot), tokenizer.endOfText().orElseThrow());
            RewardModel.write(model, classifier, new RewardModel.Kind(labels, cot), prompts);
        }
        return model;
    }

    private Cli rerank(Path model, Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("rerank", samples, "--data", DATA, "--reward-model", model, "--compute", "f32"));
        words.addAll(List.of(more));
        return Cli.run(words.toArray());
    }

    @Test
    void reportsWhatVoteReportsAndWhatTheModelChooses() throws IOException {
        Path model = rewardModel(RewardLabels.OUTCOME, Cot.PROSE);
        Path out = folder.resolve("figures.json");
        JsonNode figures = rerank(model, "--json", "--out", out).done().json();
        JsonNode votes = Cli.run("vote", samples, "--json").done().json();
        assertEquals(votes.path("greedy"), figures.path("greedy"));
        for (int i = 0; i < 3; i++) {
            JsonNode at = figures.path("at").path(i);
            assertEquals(votes.path("at").path(i).path("vote"), at.path("vote"));
            assertEquals(votes.path("at").path(i).path("pass"), at.path("pass"));
            assertTrue(at.path("rerank").path("high").isNumber()
                    && at.path("weighted-vote").path("low").isNumber());
        }
        // One sample: the two right ones of four, whatever the scores.
        assertEquals(
                0.5, figures.path("at").path(0).path("rerank").path("accuracy").asDouble(), 1e-12);
        // Two of the three with an answer agree.
        assertEquals(
                1.0, figures.path("at").path(2).path("vote").path("accuracy").asDouble());
        assertTrue(figures.path("classifier").path("auc").isNumber());
        assertEquals(
                figures.toString(), new ObjectMapper().readTree(out.toFile()).toString());
        String table = rerank(model).done().out();
        assertTrue(table.contains("rerank@k") && table.contains("weighted vote@k"), table);
    }

    @Test
    void scoresAreStoredBesideTheSamples() throws IOException {
        Path model = rewardModel(RewardLabels.PROCESS, Cot.PROSE);
        String first = rerank(model, "--json", "--aggregate", "min").done().out();
        Path stored;
        try (var files = Files.list(samples)) {
            stored = files.filter(file -> file.toString().contains("scores-"))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> lines = Files.readAllLines(stored);
        assertEquals(3, lines.size());
        Files.writeString(stored, lines.getFirst() + "\n" + lines.get(1).substring(0, 20));
        Cli again = rerank(model, "--json", "--aggregate", "min").done();
        assertEquals(first, again.out());
        assertTrue(again.err().contains("going on after question 1 of 3"), again.err());
        assertEquals(lines, Files.readAllLines(stored));
        assertTrue(again.err().contains("is not at"), "the model that wrote the samples is gone: " + again.err());
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path outcome = rewardModel(RewardLabels.OUTCOME, Cot.PROSE);
        assertRefused(rerank(outcome, "--aggregate", "min"), "outcome reward model");
        assertRefused(rerank(outcome, "--k", "9"), "--k is 9");
        assertRefused(rerank(rewardModel(RewardLabels.OUTCOME, Cot.PROGRAM)), "expected one for prose chains");
        assertRefused(
                Cli.run("rerank", samples, "--data", DATA + ",seed=9", "--reward-model", outcome),
                "are not those that the samples");
        assertRefused(
                Cli.run("evaluate", "--model", outcome, "--data", DATA, "--cot", "n", "--out", folder.resolve("none")),
                outcome + " is a reward model, which writes no answers; give it to reft rerank");
        Path language = folder.resolve("language");
        Files.createDirectories(language);
        Files.copy(outcome.resolve("model.safetensors"), language.resolve("model.safetensors"));
        Files.writeString(
                language.resolve("config.json"),
                Files.readString(outcome.resolve("config.json"))
                        .replace("LlamaForSequenceClassification", "LlamaForCausalLM"));
        assertRefused(rerank(language), "no reward model");
        Files.writeString(
                language.resolve("config.json"),
                Files.readString(outcome.resolve("config.json")).replace("reward_model", "other"));
        assertRefused(rerank(language), "does not say");
    }

    @Test
    void scoresThatAreNoNumbersAreRefusedAndNotStored() throws IOException {
        Path model = rewardModel(RewardLabels.OUTCOME, Cot.PROSE, Float.MAX_VALUE / 4); // whose sums overflow
        assertRefused(rerank(model), "the reward model " + model + " gives a chain of question");
        try (var files = Files.list(samples)) {
            for (Path file :
                    files.filter(each -> each.toString().contains("scores-")).toList()) {
                assertEquals("", Files.readString(file));
            }
        }
    }

    private Path languageModel(int width) {
        Torch.start();
        ModelSources.Source source = ModelSources.open(
                new ModelSource(null, new ModelSource.NewModel(1, width, 2, 2, 64, 256, 0.2), "f32", "cpu"), 7);
        Path model = folder.resolve("language-" + width);
        try (Tokenizer tokenizer = source.tokenizer();
                var _ = NativeScope.open();
                Decoder decoder = source.builder().apply(DType.F32, Place.HOST)) {
            ModelFolder.save(
                    model,
                    decoder.config(),
                    decoder.parameters().stream().collect(Collectors.toMap(Parameter::name, Parameter::value)),
                    tokenizer,
                    DType.F32);
        }
        return model;
    }

    @Test
    void aRewardModelOfAnotherBaseIsRefused() throws IOException {
        Path model = rewardModel(RewardLabels.OUTCOME, Cot.PROSE);
        samples = folder.resolve("same");
        writeSamples(samples, languageModel(WIDTH), Split.TEST);
        rerank(model).done();
        samples = folder.resolve("others");
        writeSamples(samples, languageModel(WIDTH / 2), Split.TEST);
        assertRefused(rerank(model), "width 16, 2 heads, 1024 tokens there, 1 layers of width 32");
    }

    @Test
    void stepsAreLabelledByRolloutsAndGoneOnWith() throws IOException {
        Path out = folder.resolve("steps.jsonl");
        Object[] command = {
            "steps",
            samples,
            "--data",
            DATA,
            "--model",
            languageModel(WIDTH),
            "--compute",
            "f32",
            "--rollouts",
            "2",
            "--out",
            out
        };
        assertRefused(
                Cli.run(command), "which holds samples of the test split; expected samples of the training split");
        samples = folder.resolve("train");
        writeSamples(samples, folder.resolve("gone"), Split.TRAIN);
        command[1] = samples;
        Cli first = Cli.run(command).done();
        // 12 chains of two steps, and there is nothing to complete after the second.
        assertTrue(
                first.err().contains("12 chains, 12 steps with something behind them x 2 rollouts = 24"), first.err());
        List<String> lines = Files.readAllLines(out);
        assertEquals(12, lines.size());
        for (String line : lines) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertEquals(2, json.path("right").size(), line);
            assertEquals(
                    json.path("sample").asInt() % 2 == 0 ? 2 : 0,
                    json.path("right").path(1).asInt(),
                    line);
        }
        Files.writeString(
                out,
                String.join("\n", lines.subList(0, 6)) + "\n" + lines.get(6).substring(0, 9));
        Cli.run(command).done();
        assertEquals(lines, Files.readAllLines(out));
        command[9] = "3";
        assertRefused(Cli.run(command), "made with other settings: rollouts");
    }

    @Test
    void aProcessRewardModelGradesCompletions() throws IOException {
        Path model = rewardModel(RewardLabels.PROCESS, Cot.PROSE);
        Path models = Files.writeString(folder.resolve("models.json"), "{\"steps\": {\"path\": \"" + model + "\"}}");
        Path grader = Files.writeString(
                folder.resolve("grader.json"), "{\"type\": \"process_reward_model\", \"model\": \"steps\"}");
        String id = Datasets.open(DATA, Cot.PROSE).test().getFirst().id();
        Path completions = Files.writeString(
                folder.resolve("completions.jsonl"),
                "{\"item_id\": \"" + id + "\", \"completion\": \"Chain 0. It goes on.\"}\n");
        Cli graded = Cli.run("grade", "--data", DATA, "--cot", "n", "--grader", grader, "--models", models, completions)
                .done();
        double reward = new ObjectMapper().readTree(graded.out()).path("reward").asDouble(-1);
        assertTrue(reward > 0 && reward < 1, graded.out());
        Files.writeString(models, "{\"steps\": {\"path\": \"" + rewardModel(RewardLabels.OUTCOME, Cot.PROSE) + "\"}}");
        assertRefused(
                Cli.run("grade", "--data", DATA, "--cot", "n", "--grader", grader, "--models", models, completions),
                "outcome reward model");
    }

    private static void assertRefused(Cli cli, String what) {
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains(what), cli.err());
    }
}
