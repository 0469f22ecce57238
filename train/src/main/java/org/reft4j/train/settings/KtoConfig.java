package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.KtoWeights;
import org.reft4j.train.sample.ScoredSample;

/**
 * Kahneman-Tversky optimisation (arXiv:2402.01306) on samples that are right or wrong by themselves.
 *
 * @param model the starting model, also used as the frozen reference; should be the model that wrote the samples
 * @param samples the stored samples to train on
 * @param samplesPerQuestion most samples used of one question, chosen at random; 0 for all
 * @param batch completions per optimiser step
 * @param epochs passes over the completions; may be a fraction
 * @param maxTokens longest prompt and completion together, in tokens; longer ones are left out
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record KtoConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        SamplesConfig samples,
        int samplesPerQuestion,
        KtoWeights kto,
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
            "kto",
            Map.ofEntries(
                    Map.entry("samples-per-question", 0),
                    Map.entry("kto", KtoWeights.KTO),
                    Map.entry("batch", 32),
                    Map.entry("optimizer", OptimizerConfig.SFT.withRate(1e-6))));

    public KtoConfig {
        ConfigException.check(samplesPerQuestion >= 0, "samples-per-question", samplesPerQuestion, "0 (all) or more");
        StoredSamplesConfig.check(model, batch, epochs, maxTokens);
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
    }

    @Override
    public String unit() {
        return "completions";
    }

    @Override
    public long units(List<ScoredSample> ofQuestion) {
        long graded = ofQuestion.stream().filter(ScoredSample::graded).count();
        return samplesPerQuestion == 0 ? graded : Math.min(samplesPerQuestion, graded);
    }
}
