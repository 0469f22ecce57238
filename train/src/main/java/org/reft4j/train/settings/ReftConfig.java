package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.PpoConfig;

/**
 * Reinforced fine-tuning by PPO (ReFT, section 3.2), started from a supervised warm-up.
 *
 * @param steps number of training steps; each samples one batch of rollouts
 * @param stepGrader grader of the single steps of a completion, besides the grade of the whole: what a step's score lacks of 1 is deducted
 *     from the reward of the step's last token. An object such as {@code {type: arithmetic_check}}, or a file that holds one
 * @param stepWeight deduction for a step with score 0
 * @param control a control experiment that rewards something other than correctness: a {@code random} coin toss, any answer in the right
 *     {@code format}, or the {@code shuffled} answers of other questions
 * @param valueHead initial weights of the critic's value head: {@code random} as in the reference code, or {@code zero} for less noise in
 *     the first steps
 * @param criticRate learning rate of the value head, as a multiple of the optimiser's; 1 as in the reference code
 * @param criticWarmup number of first steps that train only the value head; 0 as in the paper
 * @param critic {@code shared}: a value head on the policy's own layers, as in the paper; {@code separate}: a copy of the starting model
 *     with its own value head and optimiser, as in the paper's ablation, where {@code ppo.value-weight} has no effect
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record ReftConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        int steps,
        RolloutConfig rollout,
        RewardRule reward,
        ControlGrader.Control control,
        @Nullable JsonNode stepGrader,
        double stepWeight,
        PpoConfig ppo,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        GuardConfig guards,
        String microBatchTokens,
        String activationCheckpointing,
        ValueHead valueHead,
        double criticRate,
        int criticWarmup,
        String checkpointEvery,
        Critic critic,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    /** Default values. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "reft",
            Map.ofEntries(
                    Map.entry("rollout", RolloutConfig.REFT),
                    Map.entry("reward", RewardRule.REFT),
                    Map.entry("control", ControlGrader.Control.NONE),
                    Map.entry("step-weight", 0.1),
                    Map.entry("ppo", PpoConfig.REFT),
                    Map.entry("optimizer", OptimizerConfig.RISING),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT),
                    Map.entry("guards", GuardConfig.DEFAULT),
                    Map.entry("value-head", ValueHead.RANDOM),
                    Map.entry("critic-rate", 1.0),
                    Map.entry("critic-warmup", 0),
                    Map.entry("critic", Critic.SHARED)));

    /** The initial weights of a new value head. */
    public enum ValueHead {
        RANDOM,
        ZERO
    }

    /** The place of the critic: on the policy's own layers, or on a copy of the model. */
    public enum Critic {
        SHARED,
        SEPARATE
    }

    public ReftConfig {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(criticRate > 0, "critic-rate", criticRate, "a number above 0");
        ConfigException.check(
                stepWeight >= 0 && Double.isFinite(stepWeight),
                "step-weight",
                stepWeight,
                "0 or a finite number above");
        ConfigException.check(
                critic == Critic.SHARED || lora == null,
                "critic",
                "separate",
                "shared, where lora is given: a separate critic trains all weights of its own copy");
        ConfigException.check(criticWarmup >= 0, "critic-warmup", criticWarmup, "0 or more");
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
        long rollouts = rollout.rollouts();
        ConfigException.check(
                rollouts % ppo.minibatch() == 0,
                "ppo.minibatch",
                ppo.minibatch(),
                "a divisor of the " + rollouts + " rollouts of a step (" + rollout.questions() + " questions x "
                        + rollout.samples() + " samples)");
    }

    /** True if the critic has layers of its own. */
    public boolean separateCritic() {
        return critic == Critic.SEPARATE;
    }

    @Override
    public RolloutConfig sampling() {
        return rollout;
    }

    @Override
    public boolean referenced() {
        return true;
    }
}
