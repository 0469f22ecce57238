package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/** No program pays for what another one, or the machine, did to its worker. Two tests at a time: each has a pool of its own, and waits. */
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
final class WorkerFaultTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String SEVEN = "def solution():\n    return 7";
    private static final String WAITS_A_SECOND = "import time\ntime.sleep(1)\ndef solution():\n    return 7";
    private static final String LOOP = "def solution():\n    while True:\n        pass";

    @Test
    void hungryProgramsInARowEndNoPool() {
        String hungry = "def solution():\n    x = [0]\n    while True:\n        x = x + x";
        try (ProgramPool one = ProgramPool.start(1, DEADLINE)) {
            for (int i = 0; i < 4; i++) {
                assertEquals(new Outcome.Killed("needed more than 208 MiB of memory"), one.run(hungry));
            }
            assertEquals(new Outcome.Returned("7", "7.0"), one.run(SEVEN));
        }
    }

    /** Where a stack ends while the interpreter loads a class, that class is lost: the next program must not meet it. */
    @Test
    void aProgramThatHidesThatItsStackRanOverCostsItsWorker() throws InterruptedException {
        assumeTrue(LinuxCalls.ofThisMachine().isPresent(), "skipped: stacks are looked at on Linux on x86-64 only");
        try (ProgramPool one = ProgramPool.start(1, PATIENCE)) {
            one.run(SEVEN);
            List<Long> before = one.pids();
            Outcome outcome = one.run("""
                    def solution():
                        def f(n):
                            try:
                                f(n + 1)
                            finally:
                                __import__('decimal').Decimal(n) / 3
                                f'{n:,}' + '%x' % n
                        try:
                            f(0)
                        except RecursionError:
                            return 7""");
            assertTrue(
                    outcome.equals(new Outcome.Returned("7", "7.0"))
                            || outcome.equals(new Outcome.Raised("RecursionError: maximum recursion depth exceeded")),
                    outcome::toString);
            assertEquals(
                    new Outcome.Returned("0.3333333333333333333333333333", "0.3333333333333333"),
                    one.run("def solution():\n    import decimal\n    return decimal.Decimal(1) / 3"));
            assertTrue(one.pids().stream().noneMatch(before::contains), "the old worker is still there");
        }
    }

    /** Recursion that ends well before the stack does leaves the worker as it was. */
    @Test
    void aDeepProgramKeepsItsWorker() {
        try (ProgramPool one = ProgramPool.start(1, PATIENCE)) {
            one.run(SEVEN);
            List<Long> before = one.pids();
            String deep = "def solution():\n    f = lambda f, n: 1 + f(f, n - 1) if n else 0\n    return f(f, 1000)";
            assertEquals(new Outcome.Returned("1000", "1000.0"), one.run(deep));
            one.run(SEVEN);
            assertEquals(before, one.pids());
        }
    }

    /** Of the program's two seconds, it needs half; the worker is stopped for three in the middle of it. */
    @Test
    void timeInWhichAWorkerIsStoppedIsNotTheProgramsTime() throws Exception {
        assumeTrue(LinuxCalls.isLinux(), "skipped: Linux says whether a process is stopped");
        try (ProgramPool one = ProgramPool.start(1, DEADLINE)) {
            one.run(SEVEN);
            FutureTask<Outcome> right = new FutureTask<>(() -> one.run(WAITS_A_SECOND));
            Thread.ofPlatform().start(right);
            Thread.sleep(500);
            stopForThreeSeconds(one.pids());
            assertEquals(new Outcome.Returned("7", "7.0"), right.get());
            FutureTask<Outcome> loop = new FutureTask<>(() -> one.run(LOOP));
            Thread.ofPlatform().start(loop);
            Thread.sleep(500);
            stopForThreeSeconds(one.pids());
            assertEquals(new Outcome.Killed("ran longer than 2.0 s"), loop.get());
        }
    }

    /** As a suspended laptop, or a shell whose job was stopped, has it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void timeInWhichAllIsStoppedIsNotTheProgramsTime(boolean workerToo) throws Exception {
        assumeTrue(LinuxCalls.isLinux(), "skipped: the test stops processes as Linux does");
        Process parent = PoolHolder.start(DEADLINE, WAITS_A_SECOND);
        try (BufferedReader lines = parent.inputReader(StandardCharsets.US_ASCII)) {
            long worker = Long.parseLong(lines.readLine());
            Thread.sleep(300);
            stopForThreeSeconds(workerToo ? List.of(worker, parent.pid()) : List.of(parent.pid()));
            assertEquals("Returned[text=7, number=7.0]", lines.readLine());
        } finally {
            parent.destroyForcibly();
        }
    }

    private static void stopForThreeSeconds(List<Long> processes) throws IOException, InterruptedException {
        signal("-STOP", processes);
        Thread.sleep(Duration.ofSeconds(3));
        signal("-CONT", processes);
    }

    private static void signal(String signal, List<Long> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.forEach(pid -> command.add(pid.toString()));
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }
}
