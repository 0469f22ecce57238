package org.reft4j.train.recipe;

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
 * @param model what training begins from, and with it the frozen reference: the model that wrote the samples
 * @param samples what is learned from
 * @param pairsPerQuestion at most this many pairs of a question, chosen at random and each once
 * @param batch pairs per optimiser step
 * @param epochs passes over the pairs; may be a fraction
 * @param maxTokens a pair with a longer row is left out
 * @param checkpointEvery steps between checkpoints, 0 for the end only
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
        int checkpointEvery)
        implements StoredSamplesConfig {

    /** DPO's, with AdamW. */
    private static final OptimizerConfig OPTIMIZER = new OptimizerConfig(1e-6, "linear", 0.1, 0.9, 0.999, 1e-8, 0, 1);

    public DpoConfig {
        ConfigException.check(pairsPerQuestion > 0, "pairs-per-question", pairsPerQuestion, "a positive number");
        StoredSamplesConfig.check(model, batch, epochs, maxTokens, checkpointEvery);
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing);
    }

    static Map<String, Object> defaults(Map<String, Object> data) {
        return StoredSamplesConfig.defaults(
                Map.of(
                        "name",
                        "dpo",
                        "pairs-per-question",
                        4,
                        "preference",
                        PreferenceConfig.DPO,
                        "batch",
                        32,
                        "optimizer",
                        OPTIMIZER),
                data);
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
