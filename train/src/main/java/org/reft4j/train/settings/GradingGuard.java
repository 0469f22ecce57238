package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * When a run is stopped because going on would waste it.
 *
 * @param graderFailures share of completions asked for together that could not be graded above which the run stops
 */
public record GradingGuard(double graderFailures) {
    static final GradingGuard DEFAULT = new GradingGuard(0.2);

    public GradingGuard {
        ConfigException.check(
                graderFailures >= 0 && graderFailures <= 1,
                "guards.grader-failures",
                graderFailures,
                "a share in [0, 1]");
    }
}
