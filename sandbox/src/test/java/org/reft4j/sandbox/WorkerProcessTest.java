package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.sandbox.ProgramRunner.Outcome;

final class WorkerProcessTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ScheduledThreadPoolExecutor killer = new ScheduledThreadPoolExecutor(1);

    @AfterEach
    void stop() {
        killer.shutdownNow();
    }

    /** The library comes out of a jar, into the home directory where there is one. */
    @Test
    void worksWithoutAHomeDirectoryAndLeavesNothingBehind(@TempDir Path temp) throws IOException {
        WorkerCommand usual = WorkerCommand.worker();
        List<String> command = new ArrayList<>(usual.command());
        command.replaceAll(word -> word.startsWith("-Duser.home=") ? "-Duser.home=" + temp.resolve("missing") : word);
        Path directory;
        try (WorkerProcess worker = WorkerProcess.start(new WorkerCommand(usual.launcher(), command, 256))) {
            directory = worker.directory();
            worker.awaitReady(killer, PATIENCE);
            assertTrue(Files.exists(directory.resolve("python")), "nothing was unpacked here");
            ProgramTask program = ProgramTask.solution(
                    "def solution():\n    from fractions import Fraction\n    return Fraction(7, 2)");
            assertEquals(
                    new Outcome.Returned("7/2", "3.5"),
                    worker.run(new WorkerProtocol.Request(program, PATIENCE), killer, PATIENCE, PATIENCE)
                            .outcome());
        }
        assertFalse(Files.exists(directory), "the directory is still there");
        assertFalse(Files.exists(temp.resolve("missing")), "it made itself a home");
    }

    @Test
    void leavesNothingBehindWhenItsThreadIsInterrupted() throws IOException {
        WorkerProcess worker = WorkerProcess.start(WorkerCommand.worker());
        Thread.currentThread().interrupt();
        worker.close();
        assertTrue(Thread.interrupted(), "the interrupt was swallowed");
        assertFalse(Files.exists(worker.directory()), "the directory is still there");
    }

    @Test
    void seesNothingOfItsParentsEnvironment() {
        assertTrue(System.getenv().containsKey("PATH"), "no environment to hide");
        assertFalse(WorkerCommand.worker().in(Path.of("")).environment().containsKey("PATH"));
    }

    @Test
    void getsTheInterpreterOnItsClassPathAndNoMore() {
        List<String> command = WorkerCommand.worker().command();
        String classPath = command.get(command.indexOf("-cp") + 1);
        assertTrue(classPath.contains("python-language-"), classPath);
        assertFalse(classPath.contains("junit"), classPath);
    }

    @Test
    void aSilentWorkerIsNotWaitedForLongerThanPatience() throws IOException, InterruptedException {
        String classPath = System.getProperty("java.class.path");
        List<String> silent = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                DyingWorker.class.getName(),
                "silent");
        try (WorkerProcess worker = WorkerProcess.start(new WorkerCommand(List.of(), silent, 256))) {
            assertThrows(IOException.class, () -> worker.awaitReady(killer, Duration.ofMillis(500)));
            assertEquals("killed, nothing on its standard error", worker.endedBecause());
        }
    }
}
