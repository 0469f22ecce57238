package org.reft4j.train.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.train.run.ConfigChanges;
import org.reft4j.train.run.ConfigDifference;

/**
 * The keys that may change while a run goes on: those that change no figure, and its length. Everything else makes another run. A key that
 * this build added, with its default, is no change.
 */
public final class ResumeRules {
    /** Keys, or sections with all their keys, and why no figure depends on them. */
    static final Map<String, String> FREE = Map.of(
            "name", "it names the folder",
            "model.device", "a checkpoint holds nothing of a device; on another one figures go on up to rounding",
            "checkpoint-every", "a checkpoint copies the state of a run and changes nothing of it",
            "evaluate.keep-all", "it says which checkpoints are deleted, not what they hold",
            "rollout.keep-traces", "it says how much of what was computed is stored for people to read",
            "guards", "they say when a run warns and stops, not how it trains");

    /** By these a run is prolonged; none of them decides what a step does, but for the learning rate's schedule. */
    private static final Set<String> LENGTH = Set.of("steps", "epochs");

    /** The number of rounds of a recipe that has some: they end, and a model for the next is chosen, where {@code epochs} has it. */
    private static final String ROUNDS = "iterate";

    private ResumeRules() {}

    /** The rule for runs that belong together: each stays as long as it was begun. */
    public static ConfigChanges sameLength(String before, String now) {
        return between(ConfigDifference.leaves(before), ConfigDifference.leaves(now), false);
    }

    /** The rule for a run by itself, which may become longer. */
    public static ConfigChanges prolonging(String before, String now) {
        return between(ConfigDifference.leaves(before), ConfigDifference.leaves(now), true);
    }

    /** The differences that make two configurations those of different runs, the settings by their dotted keys. */
    public static List<ConfigDifference> mattering(Map<String, String> before, Map<String, String> now) {
        return between(before, now, false).refused();
    }

    private static ConfigChanges between(Map<String, String> before, Map<String, String> now, boolean prolonging) {
        boolean inRounds = now.containsKey(ROUNDS);
        Map<String, String> defaults = ConfigFile.defaults(now.getOrDefault("recipe", ""));
        List<ConfigDifference> allowed = new ArrayList<>();
        List<ConfigDifference> refused = new ArrayList<>();
        List<ConfigDifference> longer = new ArrayList<>();
        for (ConfigDifference difference : ConfigDifference.all(before, now)) {
            if (added(difference, defaults)) {
                continue;
            }
            if (free(difference.key())) {
                allowed.add(difference);
            } else if (prolonging && raises(difference, inRounds)) {
                allowed.add(difference);
                longer.add(difference);
            } else {
                refused.add(difference);
            }
        }
        boolean lengthRefused = refused.stream().anyMatch(difference -> LENGTH.contains(difference.key()));
        return new ConfigChanges(
                List.copyOf(allowed),
                List.copyOf(refused),
                lengthRefused ? hint(inRounds, prolonging) : "",
                warning(longer, now));
    }

    private static boolean added(ConfigDifference difference, Map<String, String> defaults) {
        return difference.before().equals(ConfigDifference.NOTHING)
                && difference.now().equals(defaults.get(difference.key()));
    }

    private static boolean free(String key) {
        return FREE.keySet().stream().anyMatch(free -> key.equals(free) || key.startsWith(free + "."));
    }

    private static boolean raises(ConfigDifference difference, boolean inRounds) {
        if (!LENGTH.contains(difference.key()) || inRounds) {
            return false;
        }
        try {
            return Double.parseDouble(difference.now()) > Double.parseDouble(difference.before());
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static String hint(boolean inRounds, boolean prolonging) {
        if (inRounds) {
            return "rounds cannot be made longer afterwards";
        }
        return prolonging
                ? "a run can be made longer, not shorter: stop it when it is long enough"
                : "runs that are compared stay as long as they were begun";
    }

    /** A constant rate is the same in every step of a run of any length; another is not. */
    private static Optional<String> warning(List<ConfigDifference> longer, Map<String, String> now) {
        boolean constant = now.getOrDefault("optimizer.schedule", "constant").equals("constant")
                && Double.parseDouble(now.getOrDefault("optimizer.warmup", "0")) == 0;
        if (longer.isEmpty() || constant) {
            return Optional.empty();
        }
        ConfigDifference length = longer.getFirst();
        return Optional.of(length.key() + " was " + length.before() + " until here and is " + length.now()
                + ": from here on the learning rate is that of the longer run (optimizer.schedule "
                + now.getOrDefault("optimizer.schedule", "constant") + ", optimizer.warmup "
                + now.getOrDefault("optimizer.warmup", "0")
                + "), so that the figures are not those of a run that was so long from the beginning");
    }
}
