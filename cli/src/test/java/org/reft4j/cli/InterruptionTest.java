package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class InterruptionTest {
    @Test
    void asksForTheEndAndWaitsForIt() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Interruption interruption = Interruption.on(stopped::countDown, Duration.ofMinutes(1));
        Thread hook = Thread.ofPlatform().start(interruption::interrupted);
        assertTrue(stopped.await(10, TimeUnit.SECONDS));
        hook.join(Duration.ofMillis(200));
        assertTrue(hook.isAlive(), "the JVM must not go down before the work is done");
        interruption.close();
        assertTrue(hook.join(Duration.ofSeconds(10)));
        assertTrue(interruption.asked());
    }

    @Test
    void doesNotWaitForEver() {
        AtomicBoolean ended = new AtomicBoolean();
        try (Interruption interruption = Interruption.on(() -> {}, Duration.ofMillis(50), () -> ended.set(true))) {
            long begin = System.nanoTime();
            interruption.interrupted();
            assertTrue(System.nanoTime() - begin < 10e9);
        }
        assertTrue(ended.get());
    }

    @Test
    @EnabledOnOs(
            value = {OS.LINUX, OS.MAC},
            disabledReason = "sends a signal by the command kill")
    void endsAProcessThatDoesNotStop() throws IOException, InterruptedException {
        Process process = deaf(Duration.ofMillis(50));
        signal("TERM", process);
        assertEquals("asked", process.inputReader().readLine());
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        // Without a handler of ours the JVM's own exit status after this signal is 143.
        assertEquals(Failures.INTERRUPTED, process.exitValue());
    }

    @Test
    @EnabledOnOs(
            value = {OS.LINUX, OS.MAC},
            disabledReason = "sends a signal by the command kill")
    void aSecondInterruptEndsItAtOnce() throws IOException, InterruptedException {
        Process process = deaf(Duration.ofMinutes(5));
        try {
            signal("INT", process);
            assertEquals("asked", process.inputReader().readLine());
            assertFalse(process.waitFor(200, TimeUnit.MILLISECONDS), "the first one asks");
            signal("INT", process);
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(128 + 2, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, "" + process.pid())
                        .start()
                        .waitFor());
    }

    /** Returns once the work has begun. */
    private static Process deaf(Duration patience) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Deaf.class.getName(),
                        patience.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals("begun", process.inputReader().readLine());
        return process;
    }

    /** Work that reports the request to stop, and continues. */
    static final class Deaf {
        private Deaf() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (Interruption interruption =
                    Interruption.on(() -> System.out.println("asked"), Duration.parse(arguments[0]))) {
                System.out.println(interruption.asked() ? "" : "begun");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }

    @Test
    void leavesNothingBehind() {
        Interruption interruption = Interruption.on(() -> {}, Duration.ZERO);
        interruption.close();
        assertFalse(interruption.asked());
        assertEquals(0, Cli.run("--version").status());
    }
}
