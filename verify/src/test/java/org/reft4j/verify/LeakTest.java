package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.RunEvent;

/** Two hundred steps of sampling and updating leave native memory as it was after the first few. */
@Isolated
class LeakTest {
    private static final int STEPS = 200;
    /** Until here, pools and caches of the native libraries fill. */
    private static final int WARM = 40;
    /** Steps at the beginning and at the end that are compared. */
    private static final int PART = 40;
    /** Bound on the difference between the most and the fewest pointers: a leak that the collector hides would be larger. */
    private static final long POINTERS = 20;
    /**
     * Bound on the growth of resident memory, most of which is the Java heap's growth under its 1 GiB limit; the rest is fluctuation of the
     * allocator.
     */
    private static final long BYTES = 96L << 20;

    @TempDir
    Path folder;

    /** The model is too small to gain from threads. */
    @BeforeAll
    static void oneThread() {
        Torch.start(1);
        NativeScope.trace();
    }

    static Map<String, Map<String, String>> recipes() {
        Map<String, String> sft = new LinkedHashMap<>(Tiny.sft("n", 1));
        sft.put("batch", "2");
        sft.put("epochs", Integer.toString(STEPS));
        sft.put("data.train-limit", "2");
        Map<String, String> reft = new LinkedHashMap<>(Tiny.reft("n", STEPS));
        reft.put("rollout.questions", "2");
        reft.put("rollout.max-total-tokens", "180");
        // The smaller the rate, the longer the completions stay as random, and as long, as at the start.
        reft.put("optimizer.learning-rate", "1e-5");
        Map<String, String> grpo = new LinkedHashMap<>(Tiny.grpo("n", STEPS));
        grpo.put("rollout.questions", "2");
        grpo.put("rollout.max-total-tokens", "180");
        grpo.put("optimizer.learning-rate", "1e-5");
        return Map.of("sft", sft, "reft", reft, "grpo", grpo);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "reft", "grpo"})
    void trainingIsFlat(String recipe) {
        List<Level> levels = new ArrayList<>();
        MemoryRun run = new MemoryRun(folder, event -> {
            if (event instanceof RunEvent.Stepped) {
                levels.add(Level.now());
            }
        });
        ConfigFile.of(recipe, Objects.requireNonNull(recipes().get(recipe))).run(run, GraderTools.plain(Cot.PROSE));
        check(levels);
    }

    @Test
    void aLeakIsSeen() {
        List<Level> levels = new ArrayList<>();
        List<Tensor> kept = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            Tensor forgotten = NativeScope.own(Tensors.zeros(Place.HOST, DType.F32, 4));
            assertFalse(forgotten.isNull());
            kept.add(forgotten);
            levels.add(Level.now());
        }
        String said = String.valueOf(
                assertThrows(AssertionError.class, () -> check(levels)).getMessage());
        assertTrue(said.contains("LeakTest.aLeakIsSeen"), said);
        kept.forEach(Tensor::close);
    }

    private static void check(List<Level> levels) {
        assertTrue(levels.size() == STEPS, levels.size() + " steps");
        List<Level> warm = levels.subList(WARM, STEPS);
        LongSummaryStatistics pointers =
                warm.stream().mapToLong(Level::pointers).summaryStatistics();
        long grown = warm.getLast().resident() - warm.getFirst().resident();
        String change =
                "after step " + (WARM + 1) + ": " + warm.getFirst() + ", after step " + STEPS + ": " + warm.getLast();
        System.out.println("native memory " + change + ", " + pointers);
        String holders = "live pointers grew, " + change + "; held since by "
                + more(warm.getFirst().held(), warm.getLast().held());
        // Not one more: medians, since the collector may still find what loading left.
        assertTrue(median(warm.subList(warm.size() - PART, warm.size())) <= median(warm.subList(0, PART)), holders);
        // The highest and lowest, not the first and last: the collector may have hidden a leak at the end.
        assertTrue(pointers.getMax() - pointers.getMin() <= POINTERS, holders);
        assertTrue(grown <= BYTES, "resident memory grew, " + change);
    }

    private static long median(List<Level> levels) {
        return levels.stream()
                .mapToLong(Level::pointers)
                .sorted()
                .skip(levels.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    /** The places that hold more than before, and by how much. */
    private static Map<String, Integer> more(Map<String, Integer> before, Map<String, Integer> after) {
        Map<String, Integer> more = new TreeMap<>();
        after.forEach((place, count) -> {
            int grown = count - before.getOrDefault(place, 0);
            if (grown > 0) {
                more.put(place, grown);
            }
        });
        return more;
    }

    /**
     * Native objects and memory in use.
     *
     * @param pointers number of pointers that are not freed
     * @param resident resident memory of the process in bytes
     * @param held open scopes and owned objects by their places in the code
     */
    private record Level(long pointers, long resident, Map<String, Integer> held) {
        static Level now() {
            return new Level(Pointer.totalCount(), Pointer.physicalBytes(), NativeScope.held());
        }

        @Override
        public String toString() {
            return pointers + " pointers and " + (resident >> 20) + " MiB";
        }
    }
}
