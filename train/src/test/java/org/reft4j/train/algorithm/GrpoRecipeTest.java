package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** Whole runs of a tiny model that is paid for writing little, and settings that are refused. */
public class GrpoRecipeTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.start(1);
    }

    /** Settings of a step of 16 completions, by a new model of two layers. */
    public static Map<String, String> settings(String... more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("seed", "7");
        settings.put("model.compute", "f32");
        settings.put(
                "model.new",
                "{layers: 2, width: 32, heads: 2, key-value-heads: 1, feed-forward: 64, context-length: 256}");
        settings.put("data.dataset", "wordproblems");
        settings.put("data.cot", "n");
        settings.put("data.options", "{steps-max: 2, annotated: 8, answers: 24, validation: 4, test: 4}");
        settings.put("steps", "8");
        settings.put("rollout.questions", "4");
        settings.put("rollout.samples", "4");
        settings.put("rollout.max-prompt-tokens", "160");
        settings.put("rollout.max-total-tokens", "180");
        settings.put("rollout.keep-traces", "0.5");
        settings.put("micro-batch-tokens", "100000");
        settings.put("evaluate.every", "0");
        settings.put("evaluate.questions", "2");
        settings.put("evaluate.max-total-tokens", "170");
        settings.put("optimizer.learning-rate", "0.01");
        settings.put("grader", "{type: length, unit: characters, soft: 0, hard: 500}");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private KeptRun train(String name, int stopBehind, Optional<Run.Checkpoint> from, Map<String, String> settings) {
        KeptRun run = new KeptRun(folder.resolve(name), stopBehind, from);
        ConfigFile.of("grpo", settings).run(run, GraderTools.plain(Cot.PROSE));
        return run;
    }

    /** The random model writes until it is cut off; what is paid is to end. */
    @Test
    void learnsWhatIsPaid() {
        KeptRun run = train(
                "paid",
                0,
                Optional.empty(),
                settings(
                        "steps", "25",
                        "rollout.samples", "8",
                        "loss.kl", "0",
                        "guards.entropy-warn", "0",
                        "guards.entropy-stop", "0"));
        List<Double> reward = run.metric("reward");
        double begin = mean(reward.subList(0, 3));
        double end = mean(reward.subList(22, 25));
        assertTrue(end > begin + 0.1, () -> "rewards " + reward);
        assertFalse(run.steps().getFirst().metrics().containsKey("kl-sequence"), "there is no reference");
        KeptRollout.TokenTrace token = run.rollouts().stream()
                .filter(r -> r.trace() != null)
                .map(r -> java.util.Objects.requireNonNull(r.trace()).getFirst())
                .findFirst()
                .orElseThrow();
        assertTrue(Float.isNaN(token.referenceLogprob()) && Float.isNaN(token.value()), token::toString);
    }

    /** The same as far as the last bit, though steps ask for different numbers of questions. */
    @Test
    void resumesWhereItStopped() throws IOException {
        Map<String, String> settings = settings(
                "rollout.mixed-only", "true",
                "refill", "3",
                "loss.epochs", "2",
                "loss.minibatch", "8",
                "loss.ratio", "sequence",
                "overlong.max-tokens", "100",
                "overlong.buffer", "50",
                "control", "random");
        KeptRun whole = train("whole", 0, Optional.empty(), settings);
        KeptRun first = train("parts", 3, Optional.empty(), settings);
        KeptRun second = train("parts", 0, first.latest(), settings);
        List<Map<String, Double>> parts = new ArrayList<>();
        first.steps().forEach(step -> parts.add(step.metrics()));
        second.steps().forEach(step -> parts.add(step.metrics()));
        assertEquals(whole.steps().stream().map(RunEvent.Stepped::metrics).toList(), parts);
        for (String file : List.of("model.safetensors", "trainer/state.safetensors", "trainer/state.json")) {
            assertEquals(
                    -1,
                    Files.mismatch(
                            folder.resolve("whole/step-8").resolve(file),
                            folder.resolve("parts/step-8").resolve(file)),
                    file);
        }
        List<Double> asked = whole.metric("questions-asked");
        assertTrue(asked.stream().anyMatch(count -> count > 4), () -> "refilled: " + asked);
        assertTrue(asked.stream().allMatch(count -> count >= 4 && count <= 12), () -> "bounded: " + asked);
        double sampled =
                (double) whole.rollouts().stream().filter(r -> r.step() == 1).count();
        assertEquals(asked.getFirst() * 4, sampled, "all that was sampled is kept for people");
    }

    /** A checkpoint between two measurements is for going on alone. */
    @Test
    void marksTheCheckpointsOfMeasurementsWhereAllAreToStay() throws IOException {
        train(
                "marked",
                0,
                Optional.empty(),
                settings("steps", "5", "evaluate.every", "2", "evaluate.keep-all", "true", "checkpoint-every", "1"));
        try (Stream<Path> steps = Files.list(folder.resolve("marked"))) {
            assertEquals(
                    List.of("step-0", "step-2", "step-4", "step-5"),
                    steps.filter(step -> Files.exists(step.resolve(Run.KEEP)))
                            .map(step -> step.getFileName().toString())
                            .sorted()
                            .toList());
        }
    }

    /** At the first update of a step the policy is the one that sampled, and of a run the reference too. */
    @Test
    void beginsAtItsReference() {
        KeptRun run = train("reference", 0, Optional.empty(), settings("steps", "2"));
        // Rounding of some hundred tokens in float32: policy and reference go through the model in different groups.
        assertEquals(0, run.metric("kl-sequence").getFirst(), 1e-5);
        assertEquals(0, run.metric("loss-kl").getFirst(), 1e-9);
        assertEquals(List.of(1.0, 1.0), run.metric("ratio-mean"), "the one update of a step is on-policy");
        assertEquals(List.of(0.0, 0.0), run.metric("clip-fraction"));
        assertTrue(run.metric("loss-kl").getLast() > 0, () -> "moved: " + run.metric("loss-kl"));
        assertTrue(run.metric("kl-k3").getLast() > 0, () -> "moved: " + run.metric("kl-k3"));
    }

    /** However narrow the range of clipping: the first update of a step is made by the policy that sampled. */
    @Test
    void theFirstUpdateOfAStepIsOnPolicy() {
        String[] narrow = {
            "steps", "2",
            "loss.ratio", "sequence",
            "loss.clip-low", "1e-6",
            "loss.clip-high", "1e-6",
            "micro-batch-tokens", "300"
        };
        KeptRun one = train("single", 0, Optional.empty(), settings(narrow));
        assertEquals(List.of(0.0, 0.0), one.metric("clip-fraction"));
        assertEquals(List.of(1.0, 1.0), one.metric("ratio-mean"));
        assertEquals(List.of(0.0, 0.0), one.metric("clip-fraction-first"));
        Map<String, String> settings = settings(narrow);
        settings.put("loss.minibatch", "8");
        KeptRun two = train("two", 0, Optional.empty(), settings);
        assertTrue(
                two.metric("clip-fraction").getFirst() > 0,
                () -> "the second has moved: " + two.metric("clip-fraction"));
    }

    /** A policy that is paid nothing for its own words follows a coin no less: the recipe runs its controls. */
    @Test
    void runsWithAControlAndWithoutLearningFromWhatWasCutOff() {
        KeptRun run = train(
                "control",
                0,
                Optional.empty(),
                settings("steps", "2", "control", "random", "loss.mask-truncated", "true", "loss.average", "token"));
        assertTrue(run.metric("masked").getFirst() > 0.5, () -> "cut off: " + run.metric("masked"));
        assertEquals(2, run.steps().size());
    }

    /** At a temperature of next to nothing a question is answered by one text, in both steps; its coins fall both ways. */
    @Test
    void aCoinIsThrownForEachCompletionOfEachStep() {
        KeptRun run = train(
                "coins",
                0,
                Optional.empty(),
                settings(
                        "steps", "6",
                        "control", "random",
                        "rollout.temperature", "1e-4",
                        "optimizer.learning-rate", "1e-6",
                        "loss.kl", "0",
                        "guards.entropy-warn", "0",
                        "guards.entropy-stop", "0",
                        "guards.logprob-gap", "100",
                        "guards.logprob-gap-mean", "100"));
        Map<String, List<KeptRollout>> byText = run.rollouts().stream()
                .collect(java.util.stream.Collectors.groupingBy(r -> r.questionId() + r.completion()));
        List<KeptRollout> most = byText.values().stream()
                .max(java.util.Comparator.comparingInt(List::size))
                .orElseThrow();
        assertTrue(most.size() >= 4, () -> "one text: " + byText.keySet());
        List<Set<Double>> paid = byText.values().stream()
                .map(same -> same.stream().map(KeptRollout::reward).collect(java.util.stream.Collectors.toSet()))
                .toList();
        assertTrue(
                paid.stream().filter(rewards -> rewards.size() == 2).count() > byText.size() / 2,
                () -> "paid by the text: " + paid);
    }

    /** Allowed, since it may be useful, but in no paper. */
    @Test
    void saysThatARatioOfSequencesBelongsToTheirMean() {
        String warning = "loss.ratio is sequence and loss.average token";
        KeptRun run = train(
                "remark",
                0,
                Optional.empty(),
                settings("steps", "1", "loss.ratio", "sequence", "loss.average", "token"));
        assertTrue(run.warnings().stream().anyMatch(said -> said.contains(warning)), () -> "" + run.warnings());
        KeptRun usual = train("usual", 0, Optional.empty(), settings("steps", "1", "loss.ratio", "sequence"));
        assertTrue(
                usual.warnings().stream().noneMatch(said -> said.contains("loss.average")),
                () -> "" + usual.warnings());
    }

    /** The micro-batch size changes nothing but rounding, also with ratios of whole completions. */
    @Test
    void doesNotDependOnMicroBatches() {
        Map<String, String> all = settings("steps", "2", "loss.ratio", "sequence", "loss.average", "token");
        Map<String, String> one = settings("steps", "2", "loss.ratio", "sequence", "loss.average", "token");
        one.put("micro-batch-tokens", "1");
        KeptRun whole = train("all", 0, Optional.empty(), all);
        KeptRun parts = train("one", 0, Optional.empty(), one);
        for (String metric : List.of("loss-total", "loss-kl", "gradient-norm", "ratio-mean", "advantage-std")) {
            assertEquals(whole.metric(metric).getFirst(), parts.metric(metric).getFirst(), 1e-4, metric);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rollout.samples, 1, 2 or more",
        "refill, 2, mixed-only",
        "refill, 0, 1 (none) or more",
        "loss.minibatch, 5, a divisor of the 16 rollouts",
        "loss.average, constant, constant-length",
        "loss.average, mean, completion or token or constant",
        "loss.ratio, word, token or sequence",
        "loss.clip-high, 0, above 0",
        "loss.clip-low, 1, (0, 1)",
        "loss.kl, -1, 0 (no reference)",
        "advantage, loo, group or unscaled or leave-one-out",
        "overlong.max-tokens, 9, overlong.buffer",
        "step-grader, {type: arithmetic_check}, step-grader",
        "steps, 0, positive"
    })
    void refuses(String key, String value, String remedy) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, () -> ConfigFile.of("grpo", settings(key, value)))
                        .getMessage());
        assertTrue(message.contains(key.substring(key.indexOf('.') + 1)) && message.contains(remedy), message);
    }

    @Test
    void readsWhatItWrites() throws IOException {
        ConfigFile.Resolved resolved = ConfigFile.of(
                "grpo", settings("advantage", "leave-one-out", "loss.ratio", "sequence", "loss.average", "token"));
        assertTrue(resolved.yaml().contains("advantage: leave-one-out"), resolved.yaml());
        Path file = Files.writeString(folder.resolve("again.yaml"), resolved.yaml());
        assertEquals(resolved.config(), ConfigFile.read(file, List.of()).config());
    }

    /** 100 tokens x 8 and one layer: the reference of as many parameters as the policy, or none. */
    @Test
    void holdsAReferenceWhereTheLossAsksForOne() {
        ModelSizes sizes = new ModelSizes(100, 8, 1, 2, 1, 4, 16, true, 64, true);
        GrpoSettings usual = (GrpoSettings) ConfigFile.of("grpo", settings()).config();
        GrpoSettings none =
                (GrpoSettings) ConfigFile.of("grpo", settings("loss.kl", "0")).config();
        MemoryPlan with = MemoryPlan.of(usual, sizes, Place.HOST, 1L << 30);
        MemoryPlan without = MemoryPlan.of(none, sizes, Place.HOST, 1L << 30);
        assertEquals(4 * sizes.parameters(), with.parts().get("reference model"));
        assertFalse(without.parts().containsKey("reference model"));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }
}
