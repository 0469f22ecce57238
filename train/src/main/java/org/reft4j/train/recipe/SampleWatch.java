package org.reft4j.train.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.reft4j.model.generate.StopReason;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Warns of samples from which little can be learned: in the first step, where most mistakes of a set-up show, and again after ten, a hundred, a
 * thousand steps in a row. Part of a checkpoint, so that a resumed run warns of the same.
 */
final class SampleWatch implements Checkpointed {
    private static final String KEY = "sample-faults";
    /** Shares of a step's completions from which it is worth a word. */
    private static final double MANY_CUT = 0.2;

    private static final double MANY_UNREADABLE = 0.5;

    /** By the name of each fault, in how many steps in a row it was there. */
    private final Map<String, Integer> rows = new TreeMap<>();

    /** The faults, by the names that checkpoints have for them. */
    private static final Map<String, Function<List<Rollout>, Optional<String>>> FAULTS = Map.of(
            "alike",
            SampleWatch::alike,
            "cut",
            SampleWatch::cut,
            "failed",
            SampleWatch::failed,
            "unreadable",
            SampleWatch::unreadable);

    /** Looks at the rollouts of a step. */
    void add(List<Rollout> graded, Run run, int step) {
        if (graded.isEmpty()) {
            return;
        }
        new TreeMap<>(FAULTS).forEach((name, fault) -> {
            Optional<String> found = fault.apply(graded);
            int row = found.isEmpty() ? 0 : rows.getOrDefault(name, 0) + 1;
            rows.put(name, row);
            if ((row == 1 && step == 1) || (row >= 10 && Integer.toString(row).matches("10+"))) {
                String again = row == 1 ? "" : row + " steps in a row: ";
                found.ifPresent(words -> run.emit(new RunEvent.Warned(step, again + words)));
            }
        });
    }

    private static Optional<String> cut(List<Rollout> graded) {
        long cut = count(graded, SampleWatch::isCut);
        return told(
                cut >= MANY_CUT * graded.size(),
                "%d of %d completions were cut off at the limit of tokens, which costs them their answer. Raise"
                        + " rollout.max-total-tokens, or teach the model to end (a warm-up with recipe: sft, or prompt.stop).",
                cut,
                graded.size());
    }

    private static boolean isCut(Rollout graded) {
        return graded.completion().stop() == StopReason.LENGTH;
    }

    private static Optional<String> failed(List<Rollout> graded) {
        List<Rollout> failed = graded.stream().filter(Rollout::failed).toList();
        return told(
                !failed.isEmpty(),
                "%d of %d completions could not be graded, and nothing is learned from them: %s. Try the grader with reft grader"
                        + " check; guards.grader-failures says how many may fail.",
                failed.size(),
                graded.size(),
                failed.isEmpty() ? "" : failed.getFirst().extracted());
    }

    private static Optional<String> unreadable(List<Rollout> graded) {
        long unreadable = count(graded, each -> each.grade() instanceof Grade.NoAnswer);
        return told(
                unreadable >= MANY_UNREADABLE * graded.size(),
                "in %d of %d completions no answer could be read. The model does not know the form that is asked for: show it by a"
                        + " warm-up (recipe: sft) or by examples (prompt.few-shot), and see what it writes with reft rollouts.",
                unreadable,
                graded.size());
    }

    private static Optional<String> alike(List<Rollout> graded) {
        List<Rollout> paid = graded.stream().filter(Rollout::paid).toList();
        long rewards = paid.stream().mapToDouble(Rollout::reward).distinct().count();
        return told(
                paid.size() > 1 && rewards == 1,
                "all %d completions were paid the same, %.3f: there is nothing to learn from. Where none is right, begin with a warm-up"
                        + " (recipe: sft) or easier questions, or raise rollout.samples; where all are, ask harder ones; else"
                        + " look at the grader with reft grader check.",
                paid.size(),
                paid.isEmpty() ? Double.NaN : paid.getFirst().reward());
    }

    private static long count(List<Rollout> graded, Predicate<Rollout> wanted) {
        return graded.stream().filter(wanted).count();
    }

    @FormatMethod
    private static Optional<String> told(boolean worth, String format, Object... values) {
        return worth ? Optional.of(String.format(Locale.ROOT, format, values)) : Optional.empty();
    }

    @Override
    public void save(ObjectNode state) {
        rows.forEach(state.putObject(KEY)::put);
    }

    @Override
    public void restore(JsonNode state) {
        state.path(KEY)
                .properties()
                .forEach(row -> rows.put(row.getKey(), row.getValue().asInt()));
    }
}
