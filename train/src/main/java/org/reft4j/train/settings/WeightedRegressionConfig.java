package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.RegressionConfig;
import org.reft4j.train.sample.ScoredSample;

/**
 * Supervised training on stored samples, each weighted by what it was worth (RWR; AWR, arXiv:1910.00177).
 *
 * @param model what training begins from: the model that wrote the samples
 * @param samples what is learned from
 * @param samplesPerQuestion at most this many of a question, chosen at random; 0 for all
 * @param batch completions per optimiser step
 * @param epochs passes over the completions; may be a fraction
 * @param maxTokens longer completions, prompt included, are left out
 * @param prompt how questions are put to the model; none: as to the model that training begins with
 */
public record WeightedRegressionConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        SamplesConfig samples,
        int samplesPerQuestion,
        RegressionConfig regression,
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

    /** What holds for keys that a file leaves out. */
    public static final Map<String, Object> DEFAULTS = StoredSamplesConfig.defaults(
            "weighted-regression",
            Map.ofEntries(
                    Map.entry("samples-per-question", 0),
                    Map.entry("regression", RegressionConfig.AWR),
                    Map.entry("batch", 48),
                    Map.entry("optimizer", OptimizerConfig.SFT)));

    public WeightedRegressionConfig {
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
