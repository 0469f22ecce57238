package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/** The limit is against hanging: a worker starts in 3 s alone on two cores, but in a minute where twenty programs share them. */
@Timeout(300)
final class ProgramPoolTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration MOST = DEADLINE.plusSeconds(1);
    private static final String SEVEN = "def solution():\n    return 7";
    private static final String LOOP = "def solution():\n    while True:\n        pass";

    private static ProgramPool pool;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(2, DEADLINE);
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @Test
    void reportsTextAndNumberAsPythonSpellsThem() {
        assertEquals(new Outcome.Returned("7", "7.0"), pool.run(SEVEN));
        assertEquals(new Outcome.Returned("0.1", "0.1"), pool.run("def solution():\n    return 1 / 10"));
        assertEquals(new Outcome.Returned("True", "1.0"), pool.run("def solution():\n    return 2 > 1"));
        assertEquals(new Outcome.Returned("1_0", "10.0"), pool.run("def solution():\n    return '1_0'"));
        assertEquals(new Outcome.Returned("nan", "nan"), pool.run("def solution():\n    return float('nan')"));
        assertEquals(new Outcome.Returned("1e+22", "1e+22"), pool.run("def solution():\n    return 1e22"));
        assertEquals(new Outcome.Returned("None", null), pool.run("def solution():\n    x = 1"));
        assertEquals(new Outcome.Returned("(7,)", null), pool.run("def solution():\n    return (7,)"));
        assertEquals(new Outcome.Returned("é\u0000𝄞", null), pool.run("def solution():\n    return 'é\\0𝄞'"));
    }

    @Test
    void reportsWhatWasRaisedInOneLine() {
        assertEquals(
                new Outcome.Raised("ZeroDivisionError: division by zero"),
                pool.run("def solution():\n    return 1 / 0"));
        assertEquals(new Outcome.Raised("NameError: name 'solution' is not defined"), pool.run(""));
        assertEquals(new Outcome.Raised("SystemExit: 3"), pool.run("raise SystemExit(3)"));
        assertEquals(new Outcome.Raised("ValueError: a b"), pool.run("raise ValueError('a\\n   b')"));
        assertEquals(new Outcome.Raised("cannot return a function"), pool.run("def solution():\n    return lambda: 1"));
        String error = assertInstanceOf(Outcome.Raised.class, pool.run("x = (")).error();
        assertTrue(error.startsWith("SyntaxError: "), error);
    }

    /** As in the reference, whose programs run with separate globals and locals. */
    @Test
    void hidesWhatTheProgramDefinedAtItsTopFromTheInsideOfSolution() {
        Outcome expected = new Outcome.Raised("NameError: name 'x' is not defined");
        assertEquals(expected, pool.run("x = 1\ndef solution():\n    return x"));
        assertEquals(expected, pool.run("import cmath as x\ndef solution():\n    return x.pi"));
        assertEquals(new Outcome.Returned("2.0", "2.0"), pool.run("def solution():\n    return math.sqrt(4)"));
    }

    @Test
    void anEndlessLoopCostsItsDeadlineAndOnlyItself() throws InterruptedException, ExecutionException {
        awaitWorkers(2);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            long start = System.nanoTime();
            Future<Outcome> loop = executor.submit(() -> pool.run(LOOP));
            List<Future<Outcome>> others = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                others.add(executor.submit(() -> pool.run(SEVEN)));
            }
            for (Future<Outcome> other : others) {
                assertEquals(new Outcome.Returned("7", "7.0"), other.get());
            }
            assertFalse(loop.isDone(), "the others waited for the loop");
            assertEquals(new Outcome.Killed("ran longer than 2.0 s"), loop.get());
            assertWithin(start, "the loop");
        }
    }

    @Test
    void killsWhatCannotBeStoppedFromInside() throws InterruptedException {
        awaitWorkers(2);
        List<Long> before = pool.pids();
        long start = System.nanoTime();
        assertEquals(
                new Outcome.Killed("ran longer than 2.0 s"),
                pool.run("def solution():\n    return sum(range(10**12))"));
        assertWithin(start, "the sum");
        awaitWorkers(2);
        assertNotEquals(before, pool.pids());
    }

    @Test
    void aProgramThatCatchesEverythingIsStopped() throws InterruptedException {
        awaitWorkers(2);
        long start = System.nanoTime();
        Outcome outcome = pool.run(
                "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n    finally: continue");
        assertEquals(new Outcome.Killed("ran longer than 2.0 s"), outcome);
        assertWithin(start, "the stubborn loop");
    }

    @Test
    void aProgramThatEatsMemoryCostsItsWorker() throws InterruptedException {
        awaitWorkers(2);
        long start = System.nanoTime();
        Outcome outcome = pool.run("def solution():\n    x = [0]\n    while True:\n        x = x + x");
        assertEquals(new Outcome.Killed("needed more than 208 MiB of memory"), outcome);
        assertWithin(start, "the list");
        assertEquals(new Outcome.Returned("7", "7.0"), pool.run(SEVEN));
    }

    @Test
    void recursionEndsTheProgramAlone() {
        Outcome outcome = pool.run("def solution():\n    f = lambda n: f(n + 1)\n    return f(0)");
        assertEquals(new Outcome.Raised("RecursionError: maximum recursion depth exceeded"), outcome);
        assertEquals(
                new Outcome.Returned("900", "900.0"),
                pool.run("def solution():\n    f = lambda n: 1 + f(n - 1) if n else 0\n    return f(900)"));
    }

    @Test
    void outputGoesNowhere() {
        for (String print : List.of("print('x' * 1000)", "__import__('sys').stderr.write('x' * 1000)")) {
            assertEquals(
                    new Outcome.Returned("7", "7.0"),
                    pool.run("def solution():\n    for i in range(300): " + print + "\n    return 7"));
        }
        assertInstanceOf(
                Outcome.Raised.class, pool.run("__import__('os').write(1, b'x')\n__import__('os').fsync(1)\nraise 1"));
        assertEquals(new Outcome.Returned("7", "7.0"), pool.run(SEVEN));
    }

    @Test
    void aWorkerKilledFromOutsideIsReplacedAndItsProgramRunAgain() throws InterruptedException, ExecutionException {
        awaitWorkers(2);
        List<Long> before = pool.pids();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Outcome> outcome =
                    executor.submit(() -> pool.run("import time\ntime.sleep(0.5)\ndef solution():\n    return 7"));
            Thread.sleep(200);
            before.forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());
            assertEquals(new Outcome.Returned("7", "7.0"), outcome.get());
        }
        awaitWorkers(2);
        assertTrue(pool.pids().stream().noneMatch(before::contains), "the old workers are still there");
    }

    @Test
    void manyThreadsGetTheirOwnAnswers() throws InterruptedException, ExecutionException {
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String program = "def solution():\n    return " + i + " * 3";
                outcomes.add(executor.submit(() -> pool.run(program)));
            }
            for (int i = 0; i < outcomes.size(); i++) {
                assertEquals(
                        new Outcome.Returned(3 * i + "", 3 * i + ".0"),
                        outcomes.get(i).get());
            }
        }
    }

    @Test
    void aPoolThatCannotStartSaysWhy() {
        try (ProgramPool broken = ProgramPool.start(command("/no/such/java"), 2, DEADLINE)) {
            assertFails(broken, "/no/such/java");
            assertFails(broken, "/no/such/java");
            assertThrows(ProgramPoolException.class, broken::describe);
        }
        try (ProgramPool broken = ProgramPool.start(command(java(), "-XX:NoSuchFlag"), 1, DEADLINE)) {
            assertFails(broken, "NoSuchFlag");
        }
    }

    @Test
    void aLauncherThatKeepsWorkersFromStartingIsLeftOut() {
        for (String launcher : List.of("/no/such/launcher", "false")) {
            WorkerCommand usual = WorkerCommand.worker();
            WorkerCommand hampered = new WorkerCommand(List.of(launcher), usual.command(), usual.heapMebibytes());
            try (ProgramPool healed = ProgramPool.start(hampered, 1, DEADLINE)) {
                assertEquals(new Outcome.Returned("7", "7.0"), healed.run(SEVEN));
            }
        }
    }

    @Test
    void aPoolWhoseWorkersDieBeforeTheyRunAnythingBlamesNoProgram() {
        try (ProgramPool broken = ProgramPool.start(dying("ready"), 1, DEADLINE)) {
            assertFails(broken, "ended while a program ran, exit code 7: last words");
        }
    }

    /** However many do so in a row: each ended a worker that had run nothing else. */
    @Test
    void aDeathUnderAProgramIsThatProgramsFault() {
        try (ProgramPool deadly = ProgramPool.start(dying("begun"), 1, DEADLINE)) {
            for (int i = 0; i < 5; i++) {
                Outcome.Killed killed = assertInstanceOf(Outcome.Killed.class, deadly.run(SEVEN));
                assertEquals("ended its worker twice, exit code 7: last words", killed.reason());
            }
        }
    }

    @Test
    void aProgramThatSleepsIsEnded() {
        long start = System.nanoTime();
        assertEquals(
                new Outcome.Killed("ran longer than 2.0 s"),
                pool.run("import time\ntime.sleep(60)\ndef solution():\n    return 7"));
        assertWithin(start, "the sleep");
    }

    @Test
    void aClosedPoolFailsWhoeverWaits() throws InterruptedException {
        ProgramPool closed = ProgramPool.start(1, Duration.ofMinutes(1));
        closed.run(SEVEN);
        long pid = closed.pids().getFirst();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            FutureTask<Outcome> looping = new FutureTask<>(() -> closed.run(LOOP));
            Thread looper = Thread.ofPlatform().start(looping);
            while (looper.getState() != Thread.State.WAITING) {
                Thread.sleep(10); // or the worker might take the other first, and end it
            }
            List<Future<Outcome>> waiting = List.of(looping, executor.submit(() -> closed.run(SEVEN)));
            Thread.sleep(300);
            closed.close();
            for (Future<Outcome> future : waiting) {
                Throwable cause =
                        assertThrows(ExecutionException.class, future::get).getCause();
                assertInstanceOf(ProgramPoolException.class, cause);
            }
        }
        assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "its worker lives on");
        assertThrows(ProgramPoolException.class, () -> closed.run(SEVEN));
    }

    @Test
    void aPoolClosesWhileItsWorkersStart() throws InterruptedException {
        String classPath = System.getProperty("java.class.path");
        WorkerCommand slow = command(java(), "-cp", classPath, DyingWorker.class.getName(), "silent");
        ProgramPool closed = ProgramPool.start(slow, 1, DEADLINE);
        Thread.sleep(500);
        long start = System.nanoTime();
        closed.close();
        assertWithin(start, "closing");
        assertThrows(ProgramPoolException.class, () -> closed.run(SEVEN));
    }

    @Test
    void workersEndWhenTheirParentIsKilled() throws IOException, InterruptedException {
        Process parent = PoolHolder.start(Duration.ofMinutes(1), "while True: pass");
        try (BufferedReader lines = parent.inputReader(StandardCharsets.US_ASCII)) {
            ProcessHandle worker =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();
            assertTrue(worker.isAlive());
            parent.destroyForcibly();
            long start = System.nanoTime();
            while (worker.isAlive() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
                Thread.sleep(50);
            }
            assertFalse(worker.isAlive(), "the worker outlived its parent by 10 s");
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void describesWhatHolds() {
        String description = pool.describe();
        assertTrue(description.contains("GraalPy 25") && description.contains("no files"), description);
    }

    private static void awaitWorkers(int count) throws InterruptedException {
        while (pool.pids().size() < count) {
            Thread.sleep(50);
        }
    }

    private static void assertWithin(long start, String what) {
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(MOST) < 0, what + " took " + took + ", more than " + MOST);
    }

    private static void assertFails(ProgramPool broken, String why) {
        String message = String.valueOf(assertThrows(ProgramPoolException.class, () -> broken.run(SEVEN))
                .getMessage());
        assertTrue(message.contains(why), message);
    }

    private static WorkerCommand command(String... command) {
        return new WorkerCommand(List.of(), List.of(command), 256);
    }

    private static WorkerCommand dying(String when) {
        String classPath = System.getProperty("java.class.path");
        return command(java(), "-Xmx64m", "-cp", classPath, DyingWorker.class.getName(), when);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
