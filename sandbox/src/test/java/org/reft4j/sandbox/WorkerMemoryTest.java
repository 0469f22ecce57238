package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.reft4j.sandbox.Attacks.Attack;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/**
 * However much its programs ask for, no worker ever holds 400 MB of memory. Of the attacks, {@code -Dtests.attacks=1000} runs all. Runs
 * beside others: it waits for a process of its own, and times nothing.
 */
@Timeout(1800)
@Execution(ExecutionMode.CONCURRENT)
final class WorkerMemoryTest {
    private static final long MOST_KILOBYTES = 400_000;
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    /** They fill the heap and, one each, the memory beside it in another way: classes, code, and what libraries take. */
    private static final List<String> HUNGRIEST =
            List.of("functions", "classes", "code", "many compressors", "compressed");

    private static final String FULL = """
            def solution():
                x = [bytes(10**6) for i in range(120)]
                x = None
                y = [[j] for j in range(8 * 10**5)]
                return len(y)""";

    @Test
    void staysBelowFourHundredMegabytes() throws IOException, InterruptedException {
        assumeTrue(
                LinuxCalls.ofThisMachine().isPresent(), "skipped: memory is measured and limited on Linux on x86-64");
        boolean all = Integer.getInteger("tests.attacks", 0) > 0;
        // Beside a process of its own, small enough not to be taken for a worker: the system counts all of its children
        // together.
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-Dtests.seed=" + Long.getLong("tests.seed", System.nanoTime()),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMemoryTest.class.getName(),
                        String.valueOf(all))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String said = new String(holder.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, holder.waitFor(), said);
            String[] lines = said.strip().split("\n", -1);
            long kilobytes = Long.parseLong(lines[lines.length - 1]);
            System.out.println(said.strip() + " kB at most in a worker");
            assertTrue(kilobytes < MOST_KILOBYTES, () -> kilobytes + " kB of memory in a worker, after " + said);
            assertTrue(kilobytes > WorkerCommand.HEAP_MEBIBYTES * 1024L, () -> "no worker was filled: " + said);
        } finally {
            holder.destroyForcibly();
        }
    }

    public static void main(String[] args) {
        List<String> programs = new ArrayList<>();
        for (Attack attack : Attacks.all()) {
            boolean hungry =
                    attack.family().equals("allocation") || attack.family().equals("memory");
            if (hungry && (Boolean.parseBoolean(args[0]) || HUNGRIEST.contains(attack.name()))) {
                programs.add(attack.program());
            }
        }
        long seed = Long.getLong("tests.seed", 0);
        System.out.println(programs.size() + " attacks in the order of -Dtests.seed=" + seed);
        Collections.shuffle(programs, new Random(seed));
        try (ProgramPool pool = ProgramPool.start(1, DEADLINE)) {
            for (String program : programs) {
                // So that the heap is as large as it gets, where the worker outlives it.
                if (!(pool.run(ProgramTask.solution(FULL), Duration.ofMinutes(1)) instanceof Outcome.Returned)) {
                    throw new IllegalStateException("a heap cannot be filled with what fits into it");
                }
                pool.run(program);
            }
        }
        System.out.println(mostOfAllChildren());
    }

    /** In kilobytes: the most that any finished child of this process ever held. See {@code getrusage(2)}. */
    private static long mostOfAllChildren() {
        int getrusage = 98;
        int children = -1;
        long offset = 32;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment usage = arena.allocate(256, Long.BYTES);
            if (LinuxCalls.ofThisMachine().orElseThrow().call(getrusage, children, usage.address()) != 0) {
                throw new IllegalStateException("getrusage failed");
            }
            return usage.get(ValueLayout.JAVA_LONG, offset);
        }
    }
}
