package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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
    void doesNotWaitForEver() throws InterruptedException {
        try (Interruption interruption = Interruption.on(() -> {}, Duration.ofMillis(50))) {
            long begin = System.nanoTime();
            interruption.interrupted();
            assertTrue(System.nanoTime() - begin < 10e9);
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
