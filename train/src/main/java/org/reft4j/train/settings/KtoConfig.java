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
 * @param model what training begins from, and with it the frozen reference: the model that wrote the samples
 * @param samples what is learned from
 * @param samplesPerQuestion at most this many of a question, chosen at random; 0 for all
 * @param batch completions per optimiser step
 * @param epochs passes over the completions; may be a fraction
 * @param maxTokens longer completions, prompt included, are left out
 * @param prompt how questions are put to the model; none: as to the model that training begins with
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

    /** What holds for keys that a file leaves out; the optimiser is DPO's, with AdamW. */
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
