package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;

/**
 * Online self-training (ReFT, section 4.2), started from a supervised warm-up.
 *
 * @param model the warm-up model; it must exist
 * @param steps number of training steps; each samples one batch of rollouts
 * @param passes updates on each step's samples; 2 in the paper's scripts
 * @param maxTokens longest annotated row in tokens; longer rows are cut off
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record OnlineSelfTrainingConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        int steps,
        SelfTrainingRollout rollout,
        int passes,
        int maxTokens,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        GradingGuard guards,
        String microBatchTokens,
        String activationCheckpointing,
        String checkpointEvery,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    /** Default values. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "online-self-training",
            Map.ofEntries(
                    Map.entry("rollout", SelfTrainingRollout.ONLINE),
                    Map.entry("passes", 2),
                    Map.entry("max-tokens", 1024),
                    Map.entry("optimizer", OptimizerConfig.REFT),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT),
                    Map.entry("guards", GradingGuard.DEFAULT)));

    public OnlineSelfTrainingConfig {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(passes > 0, "passes", passes, "a positive number");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        RecipeConfig.requireWarmUp(model);
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
    }

    @Override
    public RolloutConfig sampling() {
        return rollout.questioning();
    }
}
