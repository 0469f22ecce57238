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
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Cpu;
import org.reft4j.train.ConfigException;
import org.reft4j.train.algorithm.DpoRecipe;
import org.reft4j.train.algorithm.KtoRecipe;
import org.reft4j.train.algorithm.OnlineSelfTrainingRecipe;
import org.reft4j.train.algorithm.Pairs;
import org.reft4j.train.algorithm.RewardModelRecipe;
import org.reft4j.train.algorithm.SftRecipe;
import org.reft4j.train.algorithm.WeightedRegressionRecipe;
import org.reft4j.train.algorithm.WeightedRow;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.ResumeRules;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.RowLengths;
import org.reft4j.train.learn.SameTokenizer;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.FoundRun;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.settings.DpoConfig;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.GrpoConfig;
import org.reft4j.train.settings.KtoConfig;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OfflineSelfTrainingConfig;
import org.reft4j.train.settings.OnlineSelfTrainingConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.ReftConfig;
import org.reft4j.train.settings.RewardModelConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.SftConfig;
import org.reft4j.train.settings.WeightedRegressionConfig;

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
     * The texts that the model will be given.
     *
     * @param lengths by name
     * @param prompts prompts that completions are sampled from
     * @param rows training rows; empty if the run has yet to sample them
     */
    private record Work(Map<String, RowLengths> lengths, List<Tokens> prompts, List<Row> rows) {}

    /**
     * Checks a run that is about to start or to resume.
     *
     * @param folder the folder of the run, which need not exist
     * @param resume true if resuming is allowed
     * @param tools as for the run itself
     * @throws ConfigException as the run itself would throw it
     */
    public static RunCheck of(ConfigFile.Resolved resolved, Path folder, boolean resume, GraderTools tools) {
        return of(
                resolved.config(),
                RunFolder.find(folder, resolved.yaml(), resume, ResumeRules::prolonging),
                tools,
                false);
    }

    /** The same, and how fast this machine works on it: loads the model and takes a few seconds more. */
    public static RunCheck measured(ConfigFile.Resolved resolved, Path folder, boolean resume, GraderTools tools) {
        return of(
                resolved.config(),
                RunFolder.find(folder, resolved.yaml(), resume, ResumeRules::prolonging),
                tools,
                true);
    }

    private static RunCheck of(RecipeConfig config, FoundRun run, GraderTools tools, boolean measure) {
        try (Setup setup = Setup.open(config, run, tools)) {
            MemoryPlan memory = setup.memory();
            memory.requireRoom(config, Cpu.memoryBytes(), Runtime.getRuntime().maxMemory());
            Work work = work(config, setup, run);
            Map<String, RowLengths> lengths = new LinkedHashMap<>(work.lengths());
            RowLengths validation = validation(config, setup);
            if (validation.count() > 0 && !(config instanceof RewardModelConfig)) {
                lengths.put("validation prompts", validation);
            }
            List<String> warnings = new ArrayList<>(run.warnings());
            tried(config, setup).ifPresent(warnings::add);
            Optional<Pace> pace = measure && !work.prompts().isEmpty()
                    ? Optional.of(SpeedTrial.of(config, setup, run, work.prompts(), rows(work, config, setup)))
                    : Optional.empty();
            return new RunCheck(memory, lengths, warnings, pace);
        }
    }

    private static Work work(RecipeConfig config, Setup setup, Run run) {
        return switch (config) {
            case SftConfig sft ->
                trained("annotated rows", SftRecipe.rows(setup, sft), setup.rowTokens(sft.maxTokens()));
            case ReftConfig reft -> {
                var _ = setup.stepRewards(reft);
                yield asked(new Questioner(setup, reft, run));
            }
            case GrpoConfig grpo -> asked(new Questioner(setup, grpo.rollout(), grpo.minibatch(), grpo.seed(), run));
            case OfflineSelfTrainingConfig offline -> {
                ModelSources.Source sampler = ModelSources.open(offline.model(), offline.seed());
                try (Tokenizer _ = sampler.tokenizer()) {
                    SameTokenizer.require(sampler, setup.prompts());
                }
                yield asked(new Questioner(setup, offline.rollout().questioning(), offline.seed(), run));
            }
            case OnlineSelfTrainingConfig online -> {
                Map<String, List<Row>> _ = OnlineSelfTrainingRecipe.annotated(setup, online);
                yield asked(new Questioner(setup, online.rollout().questioning(), online.seed(), run));
            }
            case DpoConfig dpo ->
                trained("pairs", Pairs.rows(DpoRecipe.pairs(dpo, setup, run)), setup.rowTokens(dpo.maxTokens()));
            case KtoConfig kto -> {
                List<WeightedRow> samples = KtoRecipe.samples(kto, setup, run);
                List<Row> _ = KtoRecipe.mismatched(samples, kto, setup);
                yield trained(
                        "samples", samples.stream().map(WeightedRow::row).toList(), setup.rowTokens(kto.maxTokens()));
            }
            case WeightedRegressionConfig regression ->
                trained(
                        "samples",
                        WeightedRegressionRecipe.samples(regression, setup, run).stream()
                                .map(WeightedRow::row)
                                .toList(),
                        setup.rowTokens(regression.maxTokens()));
            case RewardModelConfig reward ->
                trained(
                        "samples",
                        RewardModelRecipe.examples(reward, setup, run).taught().stream()
                                .filter(example -> !example.passage().chain().isEmpty())
                                .map(example -> new Row(
                                        example.passage().prompt(),
                                        example.passage().chain()))
                                .toList(),
                        setup.rowTokens(reward.maxTokens()));
        };
    }

    private static Work asked(Questioner questioner) {
        List<Tokens> prompts = questioner.parts().stream()
                .flatMap(part -> part.stream().map(start -> start.tokens()))
                .toList();
        return new Work(Map.of("training prompts", questioner.lengths()), prompts, List.of());
    }

    private static Work trained(String name, List<Row> rows, int limit) {
        RowLengths lengths = RowLengths.of(rows.stream().map(Row::length).toList(), limit);
        return new Work(Map.of(name, lengths), rows.stream().map(Row::prompt).toList(), rows);
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
        if (config instanceof RewardModelConfig || setup.data().train().isEmpty()) {
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
    private static List<Row> rows(Work work, RecipeConfig config, Setup setup) {
        if (!work.rows().isEmpty()) {
            return work.rows();
        }
        int completion = completion(setup).orElse(Pace.GUESSED);
        RolloutConfig rollout = config.sampling();
        int longest = setup.rowTokens(rollout == null ? Integer.MAX_VALUE : rollout.maxTotalTokens());
        return work.prompts().stream()
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
