package org.reft4j.train.plan;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.GrpoConfig;
import org.reft4j.train.settings.OfflineSelfTrainingConfig;
import org.reft4j.train.settings.OnlineSelfTrainingConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.ReftConfig;
import org.reft4j.train.settings.RewardModelConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.SelfTrainingRollout;
import org.reft4j.train.settings.SftConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

/** Numbers of rows, steps and updates of a run, from its configuration and the number of questions: one method for each recipe. */
final class BatchArithmetic {
    private final List<String> sentences = new ArrayList<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private final RecipeConfig config;
    private final MemoryPlan memory;

    private BatchArithmetic(RecipeConfig config, MemoryPlan memory) {
        this.config = config;
        this.memory = memory;
    }

    /** Supervised training on {@code rows} annotated questions. */
    static TrainingPlan sft(SftConfig config, long rows, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        EpochBatches batches = new EpochBatches(Math.max(1, rows), config.batch(), config.epochs());
        long perEpoch = batches.perEpoch();
        int steps = batches.steps();
        String last = rows % config.batch() == 0 ? "" : TrainingPlan.words(" (the last of %d)", rows % config.batch());
        plan.say("%d annotated questions / %d a batch = %d steps an epoch%s", rows, config.batch(), perEpoch, last);
        plan.say(
                "%d steps an epoch x %s epochs = %d steps, one update each",
                perEpoch, Results.plain(config.epochs()), steps);
        plan.say(
                "learning rate: up to %s during the first %d steps, then %s",
                Results.plain(config.optimizer().learningRate()),
                Math.round(config.optimizer().warmup() * steps),
                config.optimizer().schedule() == OptimizerConfig.Schedule.LINEAR
                        ? "down to 0 at the last"
                        : "constant");
        plan.sayParts("a batch goes through the model");
        plan.count("questions", rows);
        plan.count("steps-per-epoch", perEpoch);
        plan.count("steps", steps);
        plan.count("updates-per-step", 1);
        return plan.done();
    }

    /** Reinforced fine-tuning on {@code questions}. */
    static TrainingPlan reft(ReftConfig config, long questions, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        RolloutConfig rollout = config.rollout();
        long rollouts = plan.rollouts(rollout.questions(), rollout.samples(), rollout.maxTotalTokens());
        plan.sayMixed(rollout);
        long updates =
                plan.updates(rollouts, config.ppo().minibatch(), config.ppo().epochs(), "PPO epochs");
        if (config.criticWarmup() > 0) {
            plan.say(
                    "the first %d steps train the %s only",
                    config.criticWarmup(), config.separateCritic() ? "critic" : "value head");
        }
        plan.steps(questions, rollout.questions(), config.steps(), rollouts, updates);
        plan.sayRollouts(rollout.batch(), rollouts);
        return plan.done();
    }

    /** Group-relative policy optimisation on {@code questions}. */
    static TrainingPlan grpo(GrpoConfig config, long questions, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        RolloutConfig rollout = config.rollout();
        long rollouts = plan.rollouts(rollout.questions(), rollout.samples(), rollout.maxTotalTokens());
        long asked = (long) rollout.questions() * config.refill();
        plan.sayMixed(rollout);
        if (config.refill() > 1) {
            plan.say("in their place more are asked, at most %d a step", asked);
        }
        plan.count("questions-per-step-at-most", asked);
        long updates = plan.updates(rollouts, config.minibatch(), config.loss().epochs(), "epochs");
        plan.steps(questions, rollout.questions(), config.steps(), rollouts, updates);
        plan.sayRollouts(rollout.batch(), rollouts);
        if (config.loss().kl() > 0) {
            plan.say("no critic; a frozen reference for the KL term");
        } else {
            plan.say("no critic, and no reference, since loss.kl is 0");
        }
        return plan.done();
    }

    /** Offline self-training: how many rows there will be shows only when the questions have been sampled. */
    static TrainingPlan offline(OfflineSelfTrainingConfig config, long questions, long annotated, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        SelfTrainingRollout rollout = config.rollout();
        long samples = questions * rollout.samples();
        long rows = annotated + questions * config.keep();
        long steps = config.mostSteps(annotated, questions);
        plan.say(
                "%d training questions x %d samples = %d completions a round, each at most %d tokens with its prompt",
                questions, rollout.samples(), samples, rollout.maxTotalTokens());
        plan.say(
                "at most %d right and different ones a question + %d annotated rows = at most %d rows",
                config.keep(), annotated, rows);
        plan.say(
                "rows / %d a batch x %s epochs = at most %d updates a round, from the base model",
                config.batch(), Results.plain(config.epochs()), config.updates(rows));
        plan.say(
                "%d rounds, each a step of sampling and a step for each update = at most %d steps",
                config.iterate(), steps);
        plan.sayParts(TrainingPlan.words(
                "completions are sampled %d at a time and stored after every %d questions; a batch goes through the model",
                rollout.batch(), rollout.questions()));
        plan.count("questions", questions);
        plan.count("samples-per-round", samples);
        plan.count("annotated", annotated);
        plan.count("rows-at-most", rows);
        plan.count("steps-at-most", steps);
        plan.count("updates-per-step", 1);
        return plan.done();
    }

    /** Online self-training. */
    static TrainingPlan online(OnlineSelfTrainingConfig config, long questions, long annotated, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        SelfTrainingRollout rollout = config.rollout();
        long rollouts = plan.rollouts(rollout.questions(), rollout.samples(), rollout.maxTotalTokens());
        plan.say(
                "%d updates a step, on the right rollouts and the annotated chains of the step's questions",
                config.passes());
        plan.count("updates-per-step", config.passes());
        plan.say("%d annotated rows", annotated);
        plan.count("annotated", annotated);
        plan.steps(questions, rollout.questions(), config.steps(), rollouts, config.passes());
        plan.sayRollouts(rollout.batch(), rollouts);
        return plan.done();
    }

    /** Learning from stored samples. */
    static TrainingPlan stored(StoredSamplesConfig config, List<List<ScoredSample>> samples, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        long all = samples.stream().mapToLong(List::size).sum();
        long right = samples.stream()
                .flatMap(List::stream)
                .filter(ScoredSample::right)
                .count();
        long units = samples.stream().mapToLong(config::units).sum();
        int steps = new EpochBatches(units, config.batch(), config.epochs()).steps();
        plan.say(
                "%d stored samples of %d questions or pairs, %d of them right, make at most %d %s",
                all, samples.size(), right, units, config.unit());
        plan.say(
                "%d %s / %d a batch x %s epochs = at most %d steps, one update each",
                units, config.unit(), config.batch(), Results.plain(config.epochs()), steps);
        plan.sayParts("a batch goes through the model");
        plan.count("samples", all);
        plan.count("right", right);
        plan.count(config.unit() + "-at-most", units);
        plan.count("steps-at-most", steps);
        plan.count("updates-per-step", 1);
        return plan.done();
    }

    /**
     * A reward model. How many samples differ and can be graded shows when they are read.
     *
     * @param each the most samples that a question has
     */
    static TrainingPlan reward(RewardModelConfig config, long questions, long each, MemoryPlan memory) {
        BatchArithmetic plan = new BatchArithmetic(config, memory);
        long heldOut = (long) Math.ceil(config.samples().heldOut() * questions);
        long taught = Math.min(each, config.samples().perQuestion());
        long rows = (questions - heldOut) * taught;
        int steps = new EpochBatches(Math.max(1, rows), config.batch(), config.epochs()).steps();
        plan.say(
                "%d questions - %d held out, x %d samples = at most %d rows (each text counts once a question)",
                questions, heldOut, taught, rows);
        plan.say(
                "%d rows / %d a batch x %s epochs = at most %d steps, one update each",
                rows, config.batch(), Results.plain(config.epochs()), steps);
        plan.sayParts("a batch goes through the model");
        plan.count("questions", questions);
        plan.count("held-out", heldOut);
        plan.count("rows-at-most", rows);
        plan.count("steps-at-most", steps);
        plan.count("updates-per-step", 1);
        return plan.done();
    }

    private long rollouts(int questions, int samples, int maxTotalTokens) {
        long rollouts = (long) questions * samples;
        say(
                "%d questions x %d samples = %d rollouts a step, each at most %d tokens with its prompt",
                questions, samples, rollouts, maxTotalTokens);
        count("rollouts-per-step", rollouts);
        return rollouts;
    }

    private long updates(long rollouts, int minibatch, int epochs, String epochsName) {
        long minibatches = rollouts / minibatch;
        long updates = minibatches * epochs;
        say(
                "%d rollouts / %d a minibatch = %d minibatches, x %d %s = %d updates a step",
                rollouts, minibatch, minibatches, epochs, epochsName, updates);
        count("minibatches-per-step", minibatches);
        count("updates-per-step", updates);
        return updates;
    }

    private void steps(long questions, int questionsPerStep, long steps, long rollouts, long updates) {
        long perEpoch = Math.ceilDiv(Math.max(1, questions), questionsPerStep);
        say("%d training questions / %d a step = %d steps an epoch", questions, questionsPerStep, perEpoch);
        say(
                "%d steps = %d rollouts, %d updates, %.2f epochs",
                steps, steps * rollouts, steps * updates, (double) steps / perEpoch);
        count("questions", questions);
        count("steps-per-epoch", perEpoch);
        count("steps", steps);
    }

    private void sayMixed(RolloutConfig rollout) {
        if (rollout.mixedOnly()) {
            say(
                    "questions whose completions are all paid alike are left out: what follows is the most that is learned from");
        }
    }

    private void sayRollouts(int batch, long rollouts) {
        sayParts(TrainingPlan.words("rollouts are sampled %d at a time and trained on", Math.min(batch, rollouts)));
    }

    private void sayParts(String what) {
        String again;
        if (memory.isKnown()) {
            again = memory.checkpointing() ? "; activations are computed a second time instead of kept" : "";
        } else {
            again = "; with auto, fewer where memory asks for it";
        }
        say("%s in parts of at most %d tokens (padding included)%s", what, memory.microBatchTokens(), again);
    }

    private TrainingPlan done() {
        if (config.lora() != null && memory.isKnown()) {
            say(
                    "trained are adapters of rank %d, about %s parameters; the %s of the model are frozen",
                    config.lora().rank(),
                    TrainingPlan.plainCount(memory.trained()),
                    TrainingPlan.plainCount(memory.parameters()));
        }
        return new TrainingPlan(sentences, counts, memory);
    }

    private void count(String name, long number) {
        counts.put(name, number);
    }

    @FormatMethod
    private void say(@FormatString String format, Object... values) {
        sentences.add(TrainingPlan.words(format, values));
    }
}
