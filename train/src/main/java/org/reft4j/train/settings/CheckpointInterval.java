package org.reft4j.train.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.train.ConfigException;

/**
 * The interval between two checkpoints, in steps or in time.
 *
 * @param steps steps between two checkpoints; 0 if the interval is a time, or if there are none before the end
 * @param time time between two checkpoints; zero if the interval is a number of steps
 */
public record CheckpointInterval(int steps, Duration time) {
    /** The most work that is lost when the machine goes down. */
    static final String DEFAULT = "10m";

    private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,5})([smh])");
    private static final Pattern STEPS = Pattern.compile("[0-9]{1,9}");

    /**
     * Parses the value of {@code checkpoint-every}.
     *
     * @param text such as {@code 10m}, or a number of steps
     * @throws ConfigException if it is neither
     */
    public static CheckpointInterval of(String text) {
        Matcher time = TIME.matcher(text);
        if (time.matches()) {
            long amount = Long.parseLong(time.group(1));
            Duration unit = switch (time.group(2)) {
                case "s" -> Duration.ofSeconds(1);
                case "m" -> Duration.ofMinutes(1);
                default -> Duration.ofHours(1);
            };
            return new CheckpointInterval(0, unit.multipliedBy(amount));
        }
        ConfigException.check(
                STEPS.matcher(text).matches(),
                "checkpoint-every",
                text,
                "a time such as 10m, 90s or 1h, or a number of steps (0: at the end only)");
        return new CheckpointInterval(Integer.parseInt(text), Duration.ZERO);
    }
}
