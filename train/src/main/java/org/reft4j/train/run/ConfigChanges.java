package org.reft4j.train.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.train.ConfigException;

/**
 * The differences between the configuration of a run and the one that it is to go on with.
 *
 * @param allowed those with which the run may go on
 * @param refused those that would make it another run
 * @param hint about the refused ones; empty for none
 * @param warning to be kept with the run's figures: what the allowed ones mean for steps that are done already
 */
public record ConfigChanges(
        List<ConfigDifference> allowed, List<ConfigDifference> refused, String hint, Optional<String> warning) {
    /** More keys than these are counted only. */
    private static final int NAMED = 4;

    /** Decides which differences let a run go on. */
    @FunctionalInterface
    public interface Rule {
        /**
         * Compares settings, not their spelling.
         *
         * @param before the configuration of the run, as YAML
         * @param now the configuration to resume with
         */
        ConfigChanges between(String before, String now);
    }

    /** The rule that nothing may change. */
    public static ConfigChanges none(String before, String now) {
        return new ConfigChanges(
                List.of(),
                ConfigDifference.all(ConfigDifference.leaves(before), ConfigDifference.leaves(now)),
                "",
                Optional.empty());
    }

    /** Throws if any is refused, and names them. */
    void check(Path folder) {
        if (refused.isEmpty()) {
            return;
        }
        String more = refused.size() > NAMED ? " (and " + (refused.size() - NAMED) + " more keys)" : "";
        throw ConfigException.resumable(
                each(difference -> difference.key() + " is " + difference.now()) + more + ", but the run in " + folder
                        + " was started with " + each(ConfigDifference::before) + more
                        + (hint.isEmpty() ? "" : "; " + hint) + "; resume it with the same configuration",
                settings(),
                ", give this run another name, or delete " + folder);
    }

    private String each(Function<ConfigDifference, String> words) {
        return refused.stream().limit(NAMED).map(words).collect(Collectors.joining(" and "));
    }

    /** Settings that take the refused differences back, where they are few and plain. */
    private List<String> settings() {
        boolean plain = refused.size() <= NAMED
                && refused.stream()
                        .allMatch(difference -> !difference.before().equals(ConfigDifference.NOTHING)
                                && difference.before().matches("[\\w./:+-]+"));
        return plain
                ? refused.stream()
                        .map(difference -> difference.key() + "=" + difference.before())
                        .toList()
                : List.of();
    }
}
