package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * Limits at which a run is stopped because training has gone wrong.
 *
 * @param graderFailures the run stops if a larger share than this of one batch of completions could not be graded
 */
public record GradingGuard(double graderFailures) {
    public static final GradingGuard DEFAULT = new GradingGuard(0.2);

    public GradingGuard {
        ConfigException.check(
                graderFailures >= 0 && graderFailures <= 1,
                "guards.grader-failures",
                graderFailures,
                "a share in [0, 1]");
    }
}
