package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.PpoConfig;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.GuardConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.UpdateSize;

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
 */
@KeyOrder(RunSettings.SUBJECT
        + " * optimizer evaluate guards micro-batch-tokens activation-checkpointing value-head critic-rate critic-warmup"
        + " checkpoint-every critic prompt")
public record ReftSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        int steps,
        RolloutConfig rollout,
        RewardRule reward,
        ControlGrader.Control control,
        @Nullable JsonNode stepGrader,
        double stepWeight,
        PpoConfig ppo,
        GuardConfig guards,
        ValueHead valueHead,
        double criticRate,
        int criticWarmup,
        Critic critic)
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

    public ReftSettings {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(criticRate > 0, "critic-rate", criticRate, "a number above 0");
        ConfigException.check(
                stepWeight >= 0 && Double.isFinite(stepWeight),
                "step-weight",
                stepWeight,
                "0 or a finite number above");
        ConfigException.check(
                critic == Critic.SHARED || policy.lora() == null,
                "critic",
                "separate",
                "shared, where lora is given: a separate critic trains all weights of its own copy");
        ConfigException.check(criticWarmup >= 0, "critic-warmup", criticWarmup, "0 or more");
        long rollouts = rollout.rollouts();
        ConfigException.check(
                rollouts % ppo.minibatch() == 0,
                "ppo.minibatch",
                ppo.minibatch(),
                "a divisor of the " + rollouts + " rollouts of a step (" + rollout.questions() + " questions x "
                        + rollout.samples() + " samples)");
    }

    @Override
    public boolean separateCritic() {
        return critic == Critic.SEPARATE;
    }

    @Override
    public RolloutConfig sampling() {
        return rollout;
    }

    @Override
    public boolean weighsTokens() {
        return true;
    }

    @Override
    public boolean referenced() {
        return true;
    }

    @Override
    public UpdateSize update() {
        return new UpdateSize(ppo.minibatch(), rollout.maxTotalTokens());
    }
}
