package org.reft4j.train.recipe;

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
 * @param steps rollout batches
 * @param stepGrader takes off what each step of a completion lacks of the score 1, on the step's last token, beside the grade on the
 *     completion's: an object such as {@code {type: arithmetic_check}}, or the file that holds one
 * @param stepWeight what is taken off for a step with the score 0
 * @param control pays for something else than being right, to see what a gain is made of: a {@code random} coin, any answer of the right
 *     {@code format}, or {@code shuffled} answers
 * @param valueHead how the critic starts: {@code random} as in the reference code, or {@code zero}, which spares the first steps the noise
 * @param criticRate the value head learns at this multiple of the optimiser's rate; 1 as in the reference code
 * @param criticWarmup steps in which only the value head is trained, before the policy is; 0 as in the paper
 * @param critic {@code shared}: a value head on the policy's trunk, as in the paper; {@code separate}: a copy of the starting model with
 *     a value head and an optimiser of its own, as in the paper's ablation. Then {@code ppo.value-weight} has no effect
 * @param prompt how questions are put to the model; none: as to the model that training begins with
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

    /** What holds for keys that a file leaves out. */
    static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
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

    /** The values that a new value head begins with. */
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

    /** Whether the critic has a trunk of its own. */
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
