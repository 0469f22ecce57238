package org.reft4j.train.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.ResumeRules;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.learn.RowLengths;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.FoundRun;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;

/**
 * All checks that a run makes before its first step, without its folder and without the weights of its model. The same check serves a run
 * that begins and the plan of a run, so that both refuse the same things in the same words.
 *
 * @param memory the memory that it needs
 * @param lengths lengths of prompts and rows, by name
 * @param warnings about what will be left out or may go wrong
 * @param pace the speed of this machine, if it was measured
 */
public record RunCheck(MemoryPlan memory, Map<String, RowLengths> lengths, List<String> warnings, Optional<Pace> pace) {
    /** Number of annotated questions from which the length of an answer is estimated. */
    private static final int LOOKED_AT = 100;

    /**
     * Checks a run that is about to start or to resume.
     *
     * @param folder the folder of the run, which need not exist
     * @param resume true if resuming is allowed
     * @param tools as for the run itself
     * @throws ConfigException as the run itself would throw it
     */
    public static RunCheck of(ConfigFile.Resolved resolved, Path folder, boolean resume, GraderTools tools) {
        return of(resolved, RunFolder.find(folder, resolved.yaml(), resume, ResumeRules::prolonging), tools, false);
    }

    /** The same, and how fast this machine works on it: loads the model and takes a few seconds more. */
    public static RunCheck measured(ConfigFile.Resolved resolved, Path folder, boolean resume, GraderTools tools) {
        return of(resolved, RunFolder.find(folder, resolved.yaml(), resume, ResumeRules::prolonging), tools, true);
    }

    private static RunCheck of(ConfigFile.Resolved resolved, FoundRun run, GraderTools tools, boolean measure) {
        RecipeConfig config = resolved.config();
        try (Setup setup = Setup.open(config, run, tools)) {
            MemoryPlan memory = setup.memory();
            memory.requireRoom(
                    config, memory.place().memoryBytes(), Runtime.getRuntime().maxMemory());
            RunTexts texts = resolved.entry().texts(config, setup, run);
            Map<String, RowLengths> lengths = new LinkedHashMap<>(texts.lengths());
            RowLengths validation = validation(config, setup);
            if (validation.count() > 0 && config.answers()) {
                lengths.put("validation prompts", validation);
            }
            List<String> warnings = new ArrayList<>(run.warnings());
            tried(config, setup).ifPresent(warnings::add);
            Optional<Pace> pace = measure && !texts.prompts().isEmpty()
                    ? Optional.of(SpeedTrial.of(config, setup, run, texts.prompts(), rows(texts, config, setup)))
                    : Optional.empty();
            return new RunCheck(memory, lengths, warnings, pace);
        }
    }

    /** The prompts that the model will be measured with; those that leave no room for an answer count as wrong. */
    private static RowLengths validation(RecipeConfig config, Setup setup) {
        EvaluateConfig evaluate = config.evaluate();
        List<Question> questions = setup.data().validation();
        return RowLengths.of(
                questions.subList(0, evaluate.measured(questions.size())).stream()
                        .map(question -> setup.prompts()
                                .start(question.withoutRationale())
                                .tokens()
                                .size())
                        .toList(),
                setup.rowTokens(evaluate.maxTotalTokens()) - 1);
    }

    /**
     * Tries the grader on one question: on its annotation, its answer, the question itself and nothing.
     *
     * @return a sentence about texts that could not be graded; empty if there were none
     * @throws ConfigException if nothing can be graded because the grader is not available
     */
    private static Optional<String> tried(RecipeConfig config, Setup setup) {
        if (!config.answers() || setup.data().train().isEmpty()) {
            return Optional.empty();
        }
        Grader grader = setup.grader();
        Question question = setup.data().train().getFirst();
        List<Grade.Failed> failed = new ArrayList<>();
        List<String> texts = Stream.of(
                        Optional.ofNullable(question.rationale())
                                .orElse(question.answer().raw()),
                        question.answer().raw(),
                        question.text(),
                        "")
                .distinct()
                .toList();
        for (String text : texts) {
            if (grader.grade(question, text) instanceof Grade.Failed failure) {
                failed.add(failure);
            }
        }
        if (failed.isEmpty()) {
            return Optional.empty();
        }
        String words = String.format(
                Locale.ROOT,
                "the grader failed on %d of %d texts that it was tried on (question %s): %s",
                failed.size(),
                texts.size(),
                question.id(),
                failed.getFirst().reason());
        if (failed.size() == texts.size()
                && failed.stream().allMatch(failure -> failure.error().flag().endsWith("server_error"))) {
            throw new ConfigException(words + "; see that what it asks is there, or try it with reft grader check");
        }
        return Optional.of(words);
    }

    /** Rows as they will be learned from: where they have still to be sampled, each as long as an annotated answer. */
    private static List<Row> rows(RunTexts texts, RecipeConfig config, Setup setup) {
        if (!texts.rows().isEmpty()) {
            return texts.rows();
        }
        int completion = completion(setup).orElse(Pace.GUESSED);
        RolloutConfig rollout = config.sampling();
        int longest = setup.rowTokens(rollout == null ? Integer.MAX_VALUE : rollout.maxTotalTokens());
        return texts.prompts().stream()
                .limit(LOOKED_AT)
                .map(prompt ->
                        new Row(prompt, SpeedTrial.filled(prompt, Math.clamp(longest - prompt.size(), 1, completion))))
                .toList();
    }

    /** The median length of annotated answers; empty where there are none. */
    private static Optional<Integer> completion(Setup setup) {
        List<Integer> lengths = setup.data().train().stream()
                .filter(question -> question.targets() > 0)
                .limit(LOOKED_AT)
                .flatMap(question -> setup.prompts().rows(question).stream())
                .map(row -> row.completion().size())
                .toList();
        return lengths.isEmpty()
                ? Optional.empty()
                : Optional.of(RowLengths.of(lengths, Integer.MAX_VALUE).median());
    }
}
