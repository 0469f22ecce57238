package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.settings.CheckpointInterval;

class CheckpointClockTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private long now;

    @Test
    void stepsOrTime() {
        assertEquals(new CheckpointInterval(0, Duration.ZERO), CheckpointInterval.of("0"));
        assertEquals(new CheckpointInterval(25, Duration.ZERO), CheckpointInterval.of("25"));
        assertEquals(new CheckpointInterval(0, Duration.ofSeconds(90)), CheckpointInterval.of("90s"));
        assertEquals(new CheckpointInterval(0, Duration.ofMinutes(10)), CheckpointInterval.of("10m"));
        assertEquals(new CheckpointInterval(0, Duration.ofHours(2)), CheckpointInterval.of("2h"));
        for (String wrong : List.of("-1", "1.5", "0m", "10 m", "m", "10d", "", "ten")) {
            ConfigException refused = assertThrows(ConfigException.class, () -> CheckpointInterval.of(wrong));
            assertEquals(
                    "checkpoint-every is " + wrong
                            + "; expected a time such as 10m, 90s or 1h, or a number of steps (0: at the end only)",
                    refused.getMessage());
        }
    }

    @Test
    void aFileMayHaveEither() {
        for (String value : List.of("7", "10m", "0")) {
            assertEquals(value, config("checkpoint-every", value).config().run().checkpointEvery());
            assertEquals(
                    value,
                    config("checkpoint-every", value)
                            .with(List.of())
                            .config()
                            .run()
                            .checkpointEvery());
        }
        assertEquals("10m", config("seed", "1").config().run().checkpointEvery(), "the default");
    }

    private static ConfigFile.Resolved config(String key, String value) {
        return ConfigFile.of("reft", Map.of("model.path", "/", "data.path", "/", "steps", "3", key, value));
    }

    /** Steps of four minutes: after two of them a third would be lost beyond the ten. */
    @Test
    void noMoreIsLostThanTheTime() {
        CheckpointClock clock = new CheckpointClock(CheckpointInterval.of("10m"), () -> now);
        assertEquals(List.of(2, 4, 6, 8), due(clock, 4 * MINUTE, 8));
        assertEquals(List.of(1, 2, 3), due(clock, 7 * MINUTE, 3), "each takes more than half of it");
        assertEquals(List.of(10), due(clock, MINUTE, 10));
    }

    @Test
    void stepsDoNotLookAtTheClock() {
        assertEquals(List.of(3, 6), due(new CheckpointClock(CheckpointInterval.of("3"), () -> now), 60 * MINUTE, 8));
        assertTrue(due(new CheckpointClock(CheckpointInterval.of("0"), () -> now), 60 * MINUTE, 8)
                .isEmpty());
    }

    private List<Integer> due(CheckpointClock clock, long step, int steps) {
        clock.kept();
        List<Integer> due = new ArrayList<>();
        for (int i = 1; i <= steps; i++) {
            now += step;
            if (clock.due(i)) {
                due.add(i);
                clock.kept();
            }
        }
        return due;
    }
}
