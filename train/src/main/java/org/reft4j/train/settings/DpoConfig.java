package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.PreferenceConfig;
import org.reft4j.train.sample.ScoredSample;

/**
 * Direct preference optimisation (arXiv:2305.18290) on pairs of a right and a wrong sample of a question.
 *
 * @param model the starting model, also used as the frozen reference; should be the model that wrote the samples
 * @param samples the stored samples to train on
 * @param pairsPerQuestion most pairs of one question, chosen at random without repetition
 * @param batch pairs per optimiser step
 * @param epochs passes over the pairs; may be a fraction
 * @param maxTokens longest prompt and completion together, in tokens; a pair with a longer one is left out
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record DpoConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        SamplesConfig samples,
        int pairsPerQuestion,
        PreferenceConfig preference,
        int batch,
        String microBatchTokens,
        String activationCheckpointing,
        double epochs,
        int maxTokens,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        String checkpointEvery,
        @Nullable PromptConfig prompt)
        implements StoredSamplesConfig {

    /** Default values; the optimiser's are those of the DPO paper, with AdamW. */
    public static final Map<String, Object> DEFAULTS = StoredSamplesConfig.defaults(
            "dpo",
            Map.ofEntries(
                    Map.entry("pairs-per-question", 4),
                    Map.entry("preference", PreferenceConfig.DPO),
                    Map.entry("batch", 32),
                    Map.entry("optimizer", OptimizerConfig.SFT.withRate(1e-6))));

    public DpoConfig {
        ConfigException.check(pairsPerQuestion > 0, "pairs-per-question", pairsPerQuestion, "a positive number");
        StoredSamplesConfig.check(model, batch, epochs, maxTokens);
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
    }

    @Override
    public String unit() {
        return "pairs";
    }

    @Override
    public long units(List<ScoredSample> ofQuestion) {
        long graded = ofQuestion.stream().filter(ScoredSample::graded).count();
        long right = ofQuestion.stream()
                .filter(ScoredSample::graded)
                .filter(ScoredSample::right)
                .count();
        return Math.min(pairsPerQuestion, right * (graded - right));
    }
}
