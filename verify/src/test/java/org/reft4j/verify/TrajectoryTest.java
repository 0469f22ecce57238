package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;

/** The micro-batch size does not change the course of training. */
@ResourceLock("engine")
class TrajectoryTest {
    private static final int STEPS = 30;
    /**
     * Sampling chooses tokens, so that sooner or later rounding changes one, and from there on two runs differ. That is rare: it does not
     * happen in these first steps of about a thousand tokens each.
     */
    private static final int ALIKE = 4;

    /** Updates of a recipe whose number of steps follows from its samples. */
    private static final int FEWEST = 4;

    /** Sums of float32 in another order, carried through thirty updates. */
    private static final double TOLERANCE = 1e-4;
    /** Difference that rounding leaves after averaging over the steps, if it is not biased. */
    private static final double MEAN_TOLERANCE = 1e-5;
    /** Fewer tokens than any row has: one row at a time. */
    private static final String ONE = "1";

    private static final String ALL = "1000000";

    @TempDir
    static Path folder;

    /** The newest checkpoint of a warm-up, and a run that kept what it sampled. */
    private static String warmup = "";

    private static String samples = "";
    /** Runs so far: each has a folder of its own, where some keep what they look up again. */
    private static int trained;

    /** Runs by recipe and settings: several tests compare with the same one. */
    private static final Map<Map<String, String>, MemoryRun> RUNS = new HashMap<>();

    /** The model is too small to gain from threads. */
    @BeforeAll
    static void oneThread() throws IOException {
        Torch.start(1);
        Path first = run("sft", Tiny.sft("n", 12));
        warmup = Left.checkpointFolders(first).getLast().toString();
        Map<String, String> sampling = Tiny.from(Tiny.offline("n"), warmup);
        sampling.put("rollout.samples", "12");
        sampling.put("grader.soft", "120"); // so that some samples of most questions are wrong
        sampling.put("grader.hard", "240");
        samples = run("offline-self-training", sampling).toString();
    }

    private static Path run(String recipe, Map<String, String> settings) throws IOException {
        Path config = Files.writeString(folder.resolve(recipe + ".yaml"), Tiny.yaml(recipe, settings));
        Reft.run(folder, "train", config.toString(), "--runs", "runs").orThrow();
        return folder.resolve("runs").resolve(recipe);
    }

    @Test
    void sftDoesNotDependOnMicroBatches() {
        compare(train("sft", Tiny.sft("n", STEPS), ALL, Map.of()), train("sft", Tiny.sft("n", STEPS), ONE, Map.of()));
    }

    @Test
    void reftDoesNotDependOnMicroBatches() {
        compare(
                train("reft", Tiny.reft("n", STEPS), ALL, Map.of()),
                train("reft", Tiny.reft("n", STEPS), ONE, Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpo",
                "online-self-training",
                "offline-self-training",
                "dpo",
                "kto",
                "weighted-regression",
                "reward-model"
            })
    void noOtherRecipeDependsOnMicroBatches(String recipe) {
        Map<String, String> settings = Tiny.from(
                switch (recipe) {
                    case "grpo" -> Tiny.grpo("n", STEPS);
                    case "online-self-training" -> Tiny.online("n", STEPS);
                    case "offline-self-training" -> Tiny.offline("n");
                    default -> Tiny.stored(recipe, samples);
                },
                warmup);
        MemoryRun whole = train(recipe, settings, ALL, Map.of());
        compare(whole, train(recipe, settings, ONE, Map.of()), FEWEST);
        var other = train(recipe, settings, ALL, Map.of("optimizer.weight-decay", "0.1"));
        assertThrows(AssertionError.class, () -> compare(whole, other, FEWEST), "another decay is not seen");
    }

    /** Computing activations a second time is the same mathematics, in parts and with adapters too. */
    @Test
    void nothingDependsOnKeepingActivations() {
        Map<String, String> again = Map.of("activation-checkpointing", "true");
        compare(train("sft", Tiny.sft("n", STEPS), ALL, Map.of()), train("sft", Tiny.sft("n", STEPS), ALL, again));
        compare(train("reft", Tiny.reft("n", STEPS), ALL, Map.of()), train("reft", Tiny.reft("n", STEPS), ONE, again));
    }

    @Test
    void weightDecayIsSeen() {
        var usual = train("sft", Tiny.sft("n", STEPS), ALL, Map.of());
        var other = train("sft", Tiny.sft("n", STEPS), ALL, Map.of("optimizer.weight-decay", "0.1"));
        assertThrows(AssertionError.class, () -> compare(usual, other));
    }

    @Test
    void anotherValueWeightIsSeen() {
        var usual = train("reft", Tiny.reft("n", STEPS), ALL, Map.of());
        var other = train("reft", Tiny.reft("n", STEPS), ALL, Map.of("ppo.value-weight", "4"));
        assertThrows(AssertionError.class, () -> compare(usual, other));
    }

    private MemoryRun train(
            String recipe, Map<String, String> settings, String microBatchTokens, Map<String, String> changes) {
        Map<String, String> changed = new LinkedHashMap<>(settings);
        changed.put("micro-batch-tokens", microBatchTokens);
        changed.putAll(changes);
        Map<String, String> key = new HashMap<>(changed);
        key.put("recipe", recipe);
        return RUNS.computeIfAbsent(key, _ -> {
            MemoryRun run = new MemoryRun(folder.resolve("in-memory-" + trained++), event -> {});
            ConfigFile.of(recipe, changed).run(run, GraderTools.plain(Cot.PROSE));
            return run;
        });
    }

    private static void compare(MemoryRun expected, MemoryRun actual) {
        compare(expected, actual, STEPS);
    }

    private static void compare(MemoryRun expected, MemoryRun actual, int fewest) {
        assertTrue(expected.steps().size() >= fewest, () -> expected.steps().size() + " steps");
        assertEquals(expected.steps().size(), actual.steps().size());
        int steps = Math.min(expected.steps().size(), alike(expected.completions(), actual.completions()));
        assertTrue(steps >= ALIKE, () -> "completions differ from step " + (steps + 1) + " on");
        Set<String> metrics = new TreeSet<>();
        for (int step = 0; step < steps; step++) {
            Set<String> told = expected.steps().get(step).keySet();
            assertEquals(told, actual.steps().get(step).keySet(), "metrics of step " + (step + 1));
            metrics.addAll(told);
        }
        metrics.forEach(metric -> compare(metric, expected.steps().subList(0, steps), actual.steps()));
    }

    /** Compares one metric over the steps that have it. */
    private static void compare(String metric, List<Map<String, Double>> expected, List<Map<String, Double>> actual) {
        double residual = 0;
        for (int step = 0; step < expected.size(); step++) {
            Double there = expected.get(step).get(metric);
            Double here = actual.get(step).get(metric);
            if (there != null && here != null) {
                double scale = Math.max(1, Math.abs(there));
                assertEquals(there, here, TOLERANCE * scale, metric + " of step " + (step + 1));
                residual += (here - there) / scale / expected.size();
            }
        }
        assertTrue(
                Math.abs(residual) <= MEAN_TOLERANCE,
                metric + " is off by " + residual + " on average: a difference in kind, not in rounding");
    }

    /** Number of steps before the first that sampled different completions; all steps if nothing is sampled. */
    private static int alike(List<List<String>> expected, List<List<String>> actual) {
        for (int step = 0; step < expected.size(); step++) {
            if (!expected.get(step).equals(actual.get(step))) {
                return step;
            }
        }
        return Integer.MAX_VALUE;
    }
}
