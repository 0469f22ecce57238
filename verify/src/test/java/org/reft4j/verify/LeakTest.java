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
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.RunEvent;

/** Two hundred steps of sampling and updating leave native memory as it was after the first few. */
class LeakTest {
    private static final int STEPS = 200;
    /** Until here, pools and caches of the native libraries fill. */
    private static final int WARM = 40;
    /** Bound on leaked pointers: a leak of one object a step would be {@code STEPS - WARM}. */
    private static final long POINTERS = 20;
    /**
     * Bound on the growth of resident memory, most of which is the Java heap's growth under its 1 GiB limit; the rest
     * is fluctuation of the allocator.
     */
    private static final long BYTES = 96L << 20;

    @TempDir
    Path folder;

    /** The model is too small to gain from threads. */
    @BeforeAll
    static void oneThread() {
        Torch.start(1);
    }

    @Test
    void reinforcedTrainingIsFlat() {
        List<Level> levels = new ArrayList<>();
        MemoryRun run = new MemoryRun(folder, event -> {
            if (event instanceof RunEvent.Stepped) {
                levels.add(Level.now());
            }
        });
        Map<String, String> settings = new LinkedHashMap<>(Tiny.reft("n", STEPS));
        settings.put("rollout.questions", "2");
        settings.put("rollout.max-total-tokens", "180");
        // The smaller the rate, the longer the completions stay as random, and as long, as at the start.
        settings.put("optimizer.learning-rate", "1e-5");
        ConfigFile.of("reft", settings).run(run, GraderTools.plain(Cot.PROSE));
        check(levels);
    }

    @Test
    void aLeakIsSeen() {
        List<Level> levels = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            Tensor forgotten = Tensors.zeros(DType.F32, 4);
            assertFalse(forgotten.isNull());
            levels.add(Level.now());
        }
        assertThrows(AssertionError.class, () -> check(levels));
    }

    private static void check(List<Level> levels) {
        assertTrue(levels.size() == STEPS, levels.size() + " steps");
        List<Level> warm = levels.subList(WARM, STEPS);
        LongSummaryStatistics pointers =
                warm.stream().mapToLong(Level::pointers).summaryStatistics();
        long grown = warm.getLast().resident() - warm.getFirst().resident();
        String change =
                "after step " + (WARM + 1) + ": " + warm.getFirst() + ", after step " + STEPS + ": " + warm.getLast();
        System.out.println("native memory " + change);
        // The highest and lowest, not the first and last: the garbage collector may have hidden a leak at the end.
        assertTrue(pointers.getMax() - pointers.getMin() <= POINTERS, "live pointers grew, " + change);
        assertTrue(grown <= BYTES, "resident memory grew, " + change);
    }

    /**
     * Native objects and memory in use.
     *
     * @param pointers number of pointers that are not freed
     * @param resident resident memory of the process in bytes
     */
    private record Level(long pointers, long resident) {
        static Level now() {
            return new Level(Pointer.totalCount(), Pointer.physicalBytes());
        }

        @Override
        public String toString() {
            return pointers + " pointers and " + (resident >> 20) + " MiB";
        }
    }
}
