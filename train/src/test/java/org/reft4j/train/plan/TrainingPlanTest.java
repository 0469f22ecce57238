package org.reft4j.train.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.Datasets;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

final class TrainingPlanTest {
    private static final String MODEL =
            "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}";
    private static final ModelSizes TINY = new ModelSizes(100, 8, 1, 2, 1, 4, 16, true, 64, true);
    private static final long GIBI = 1L << 30;

    @Test
    void explainsReinforcedFineTuning() {
        ConfigFile.Resolved config = ConfigFile.of(
                "reft",
                Map.of(
                        "model.new", MODEL,
                        "steps", "20",
                        "rollout.questions", "8",
                        "rollout.samples", "4",
                        "rollout.max-total-tokens", "400",
                        "evaluate.max-total-tokens", "300",
                        "evaluate.batch", "10",
                        "ppo.minibatch", "16",
                        "micro-batch-tokens", "1000"));
        TrainingPlan plan = plan(config, 2500, 0, DType.F32);
        String text = plan.text();
        assertTrue(text.contains("8 questions x 4 samples = 32 rollouts a step, each at most 400 tokens"), text);
        assertTrue(
                text.contains("32 rollouts / 16 a minibatch = 2 minibatches, x 2 PPO epochs = 4 updates a step"), text);
        assertTrue(text.contains("2500 training questions / 8 a step = 313 steps an epoch"), text);
        assertTrue(text.contains("20 steps = 640 rollouts, 80 updates, 0.06 epochs"), text);
        // Scored by the policy and the reference, trained on in two epochs.
        assertEquals(new BatchArithmetic.Work(160, 640, 1280, 1280, 80), plan.work());
    }

    @Test
    void explainsSupervisedTraining() {
        ConfigFile.Resolved config = ConfigFile.of("sft", Map.of("model.new", MODEL, "batch", "16", "epochs", "2.5"));
        TrainingPlan plan = plan(config, 300, 300, DType.BF16);
        String text = plan.text();
        assertTrue(text.contains("300 annotated questions / 16 a batch = 19 steps an epoch (the last of 12)"), text);
        assertTrue(text.contains("19 steps an epoch x 2.5 epochs = 48 steps"), text);
        assertEquals(48L, plan.figures().path("batch").path("steps").asLong());
        assertEquals(750, plan.work().trained());
        assertFalse(config.config().measuredFirst(), "a new model answers nothing");
        assertTrue(ConfigFile.of("sft", Map.of("model.path", ".")).config().measuredFirst());
    }

    @Test
    void explainsOfflineSelfTraining() {
        ConfigFile.Resolved config = ConfigFile.of(
                "offline-self-training",
                Map.of(
                        "model.path", ".",
                        "base.new", MODEL,
                        "iterate", "2",
                        "batch", "16",
                        "epochs", "2.5",
                        "rollout.samples", "20"));
        TrainingPlan plan = plan(config, 50, 12, DType.F32);
        String text = plan.text();
        assertTrue(text.contains("50 training questions x 20 samples = 1000 completions a round"), text);
        assertTrue(
                text.contains("at most 10 right and different ones a question + 12 annotated rows = at most 512 rows"),
                text);
        assertTrue(text.contains("rows / 16 a batch x 2.5 epochs = at most 80 updates a round"), text);
        assertTrue(
                text.contains("2 rounds, each a step of sampling and a step for each update = at most 162 steps"),
                text);
        assertEquals(162L, plan.figures().path("batch").path("steps-at-most").asLong());
        assertEquals(new BatchArithmetic.Work(100, 2000, 0, 2560, 162), plan.work());
    }

    @Test
    void explainsOnlineSelfTraining() {
        ConfigFile.Resolved config = ConfigFile.of(
                "online-self-training", Map.of("model.path", ".", "steps", "20", "rollout.questions", "8"));
        TrainingPlan plan = plan(config, 50, 12, DType.F32);
        String text = plan.text();
        assertTrue(text.contains("8 questions x 1 samples = 8 rollouts a step"), text);
        assertTrue(text.contains("12 annotated rows"), text);
        assertTrue(text.contains("50 training questions / 8 a step = 7 steps an epoch"), text);
        assertTrue(text.contains("20 steps = 160 rollouts, 40 updates, 2.86 epochs"), text);
        assertTrue(plan.memory().parts().keySet().stream().noneMatch(part -> part.contains("reference")), text);
    }

    @Test
    void explainsGroupRelativePolicyOptimisation() {
        Map<String, String> settings = Map.of(
                "model.path", ".",
                "steps", "20",
                "rollout.questions", "8",
                "rollout.samples", "4",
                "rollout.mixed-only", "true",
                "refill", "3",
                "loss.minibatch", "16",
                "loss.kl", "0");
        ConfigFile.Resolved config = ConfigFile.of("grpo", settings);
        TrainingPlan plan = plan(config, 50, 0, DType.F32);
        String text = plan.text();
        assertTrue(text.contains("8 questions x 4 samples = 32 rollouts a step"), text);
        assertTrue(text.contains("all paid alike are left out"), text);
        assertTrue(text.contains("at most 24 a step"), text);
        assertTrue(text.contains("32 rollouts / 16 a minibatch = 2 minibatches, x 1 epochs = 2 updates a step"), text);
        assertTrue(text.contains("20 steps = 640 rollouts, 40 updates, 2.86 epochs"), text);
        assertTrue(text.contains("no critic, and no reference, since loss.kl is 0"), text);
        assertTrue(plan.memory().parts().keySet().stream().noneMatch(part -> part.contains("reference")), text);
        assertEquals(
                24L,
                plan.figures().path("batch").path("questions-per-step-at-most").asLong());
        Map<String, String> once = new HashMap<>(settings);
        once.put("refill", "1");
        ConfigFile.Resolved plain = ConfigFile.of("grpo", once);
        String without = plan(plain, 50, 0, DType.F32).text();
        assertTrue(without.contains("all paid alike are left out"), without);
        assertFalse(without.contains("in their place"), without);
    }

    @Test
    void explainsAdapters() {
        ConfigFile.Resolved config =
                ConfigFile.of("sft", Map.of("model.path", ".", "lora.rank", "2", "activation-checkpointing", "true"));
        String text = plan(config, 300, 300, DType.BF16).text();
        assertTrue(text.contains("adapters of rank 2, about 256 parameters; the 1400 of the model are frozen"), text);
        assertTrue(text.contains("activations are computed a second time"), text);
    }

    @Test
    void explainsLearningFromStoredSamples() {
        List<ScoredSample> mixed =
                List.of(sample(1, true), sample(1, true), sample(0.1, false), sample(0.1, false), sample(0.1, false));
        List<ScoredSample> failed = List.of(sample(1, true), sample(Double.NaN, false));
        List<List<ScoredSample>> samples = List.of(mixed, failed);
        String pairs = stored("dpo", samples, "pairs-per-question", "5");
        assertTrue(
                pairs.contains("7 stored samples of 2 questions or pairs, 3 of them right, make at most 5 pairs"),
                pairs);
        assertTrue(pairs.contains("5 pairs / 2 a batch x 1.5 epochs = at most 5 steps"), pairs);
        String completions = stored("kto", samples, "samples-per-question", "4");
        assertTrue(completions.contains("make at most 5 completions"), completions);
        String all = stored("weighted-regression", samples, "samples-per-question", "0");
        assertTrue(all.contains("make at most 6 completions"), all);
    }

    /** Its own grader decided what was right, not the one of the run that learns: {@code samples.mismatch} accepts its grades. */
    @Test
    void countsWhatWasRightForTheRunThatWroteTheSamples(@TempDir Path temp) {
        Path run = sampled(temp);
        ConfigFile.Resolved learner = ConfigFile.of(
                "weighted-regression",
                Map.of(
                        "data.dataset",
                        "wordproblems",
                        "model.path",
                        ".",
                        "samples.path",
                        run.toString(),
                        "samples.mismatch",
                        "accept"));
        String text = TrainingPlan.of(learner, TINY).text();
        assertTrue(text.contains("3 stored samples of 1 questions or pairs, 1 of them right"), text);
    }

    /** As many as there are, not one of each question. */
    @Test
    void takesTheTimeOfAllSamplesOfARewardModel(@TempDir Path temp) {
        Path run = sampled(temp);
        ConfigFile.Resolved judge = ConfigFile.of(
                "reward-model",
                Map.of(
                        "data.dataset",
                        "wordproblems",
                        "model.path",
                        ".",
                        "samples.path",
                        run.toString(),
                        "samples.held-out",
                        "0",
                        "epochs",
                        "2"));
        assertEquals(6, TrainingPlan.of(judge, TINY).work().trained());
    }

    /** A run that stored three completions of one question, of which its own grader found one right. */
    private static Path sampled(Path temp) {
        Path run = temp.resolve("run");
        ConfigFile.Resolved writer = ConfigFile.of(
                "reft",
                Map.of(
                        "data.dataset",
                        "wordproblems",
                        "steps",
                        "1",
                        "model.path",
                        ".",
                        "grader",
                        "{type: string_check, name: g, operation: eq, input: a, reference: a, pass_threshold: 0.8}"));
        Question question = Datasets.open(writer.config().data()).train().getFirst();
        String target = question.answer().raw();
        List<KeptRollout> rollouts = Stream.of(0.9, 0.7, 0.2)
                .map(reward -> new KeptRollout(
                        1,
                        question.id(),
                        0,
                        question.text(),
                        target,
                        null,
                        "It is 7.",
                        2,
                        "scored",
                        reward >= 0.8,
                        Optional.empty(),
                        reward,
                        Map.of(),
                        "stop",
                        -1,
                        Tokens.of(1, 2),
                        null))
                .toList();
        try (RunFolder folder = RunFolder.open(run, writer.yaml(), Map.of(), false, List.of())) {
            folder.emit(new RunEvent.RolledOut(1, rollouts));
        }
        return run;
    }

    private static String stored(String recipe, List<List<ScoredSample>> samples, String key, String value) {
        RecipeConfig config = ConfigFile.of(
                        recipe,
                        Map.of("model.path", ".", "samples.path", ".", "batch", "2", "epochs", "1.5", key, value))
                .config();
        BatchArithmetic plan = new BatchArithmetic(config, MemoryPlan.of(config, TINY, Place.HOST, GIBI));
        var _ = plan.stored((StoredSamplesConfig) config, samples);
        return String.join("\n", plan.sentences());
    }

    /** The plan for some training questions, of which the first are annotated. */
    private static TrainingPlan plan(ConfigFile.Resolved config, int questions, int annotated, DType compute) {
        List<Question> train = IntStream.range(0, questions)
                .mapToObj(i -> new Question(
                        "q" + i, "12 - 5?", new Answer.Numeric("7", 7), i < annotated ? "12 - 5 = 7" : null))
                .toList();
        DataConfig words = ConfigFile.of("sft", Map.of("model.path", ".", "data.dataset", "wordproblems"))
                .config()
                .data();
        Dataset data = new Dataset("made", Datasets.open(words).template(), train, List.of(), List.of(), List.of());
        return TrainingPlan.of(config, data, MemoryPlan.of(config.config(), TINY, Place.host(compute), GIBI));
    }

    private static ScoredSample sample(double reward, boolean right) {
        Question question = new Question("apples", "12 - 5?", new Answer.Numeric("7", 7), null);
        return new ScoredSample(question, "here", "7", null, reward, right);
    }
}
