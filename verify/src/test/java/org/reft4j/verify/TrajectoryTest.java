package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Torch;
import org.reft4j.train.recipe.ConfigFile;

/** How a batch is cut into what goes through the model at once does not change the course of training. */
class TrajectoryTest {
    private static final int STEPS = 30;
    /**
     * Sampling is a choice between tokens: sooner or later rounding falls on the other side of one, and from there on two courses are
     * different ones. That is rare: these first steps of about a thousand tokens each lie before it.
     */
    private static final int ALIKE = 4;

    /** Sums of float32 in another order, carried through thirty updates. */
    private static final double TOLERANCE = 1e-4;
    /** What is left after averaging over the steps where nothing pulls to one side. */
    private static final double MEAN_TOLERANCE = 1e-5;
    /** Fewer tokens than any row has: one row at a time. */
    private static final String ONE = "1";

    private static final String ALL = "1000000";

    @TempDir
    Path folder;

    /** The model is too small to gain from threads. */
    @BeforeAll
    static void oneThread() {
        Torch.start(1);
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
        MemoryRun run = new MemoryRun(folder, event -> {});
        ConfigFile.of(recipe, changed).run(run, GraderTools.plain(Cot.PROSE));
        return run;
    }

    private static void compare(MemoryRun expected, MemoryRun actual) {
        assertEquals(STEPS, expected.steps().size());
        assertEquals(STEPS, actual.steps().size());
        int steps = alike(expected.completions(), actual.completions());
        assertTrue(steps >= ALIKE, () -> "completions differ from step " + (steps + 1) + " on");
        for (String metric : expected.steps().getFirst().keySet()) {
            double residual = 0;
            for (int step = 0; step < steps; step++) {
                double there = expected.steps().get(step).getOrDefault(metric, Double.NaN);
                double here = actual.steps().get(step).getOrDefault(metric, Double.NaN);
                double scale = Math.max(1, Math.abs(there));
                assertEquals(there, here, TOLERANCE * scale, metric + " of step " + (step + 1));
                residual += (here - there) / scale / steps;
            }
            assertTrue(
                    Math.abs(residual) <= MEAN_TOLERANCE,
                    metric + " is off by " + residual + " on average: a difference in kind, not in rounding");
        }
    }

    /** How many steps there are before the first that sampled something else; all where nothing is sampled. */
    private static int alike(List<List<String>> expected, List<List<String>> actual) {
        for (int step = 0; step < expected.size(); step++) {
            if (!expected.get(step).equals(actual.get(step))) {
                return step;
            }
        }
        return STEPS;
    }
}
