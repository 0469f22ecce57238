package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;

/**
 * Supervised fine-tuning on annotated questions (ReFT, section 3.1).
 *
 * @param batch rows per optimiser step
 * @param epochs passes over the annotated training questions; may be a fraction
 * @param maxTokens longest row in tokens; longer rows are cut off
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record SftConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        int batch,
        String microBatchTokens,
        String activationCheckpointing,
        double epochs,
        int maxTokens,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        String checkpointEvery,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    /** Default values. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "sft",
            Map.ofEntries(
                    Map.entry("batch", 48),
                    Map.entry("epochs", 40.0),
                    Map.entry("max-tokens", 1024),
                    Map.entry("optimizer", OptimizerConfig.SFT),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT)));

    public SftConfig {
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
    }

    @Override
    public @Nullable RolloutConfig sampling() {
        return null;
    }
}
