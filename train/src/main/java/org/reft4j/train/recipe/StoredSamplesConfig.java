package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.train.ConfigException;
import org.reft4j.train.sample.ScoredSample;

/** The configuration of a recipe that learns from stored samples alone. */
public sealed interface StoredSamplesConfig extends RecipeConfig
        permits DpoConfig, WeightedRegressionConfig, KtoConfig {
    SamplesConfig samples();

    /** Pairs or completions per optimiser step. */
    int batch();

    /** Passes over them; may be a fraction. */
    double epochs();

    /** Longer rows are left out. */
    int maxTokens();

    OptimizerConfig optimizer();

    /** What is learned from, in plural, such as {@code pairs}. */
    String unit();

    /** How many of them one question's samples make at most; fewer where rows are left out. */
    long units(List<ScoredSample> ofQuestion);

    /** The checks of what these recipes have in common. */
    static void check(ModelSource model, int batch, double epochs, int maxTokens, int checkpointEvery) {
        ConfigException.check(
                model.fresh() == null,
                "model.new",
                "given",
                "model.path, the folder of the model that wrote the samples: a new one wrote none");
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        ConfigException.check(checkpointEvery >= 0, "checkpoint-every", checkpointEvery, "0 or more");
    }

    /** What holds for keys that these recipes share, where a file leaves them out. */
    static Map<String, Object> defaults(Map<String, Object> more, Map<String, Object> data) {
        Map<String, Object> defaults = new LinkedHashMap<>(Map.of(
                "seed",
                42,
                "model",
                Map.of("compute", "auto"),
                "data",
                data,
                "samples",
                Map.of("mismatch", "refuse"),
                "epochs",
                1.0,
                "max-tokens",
                1024,
                "evaluate",
                EvaluateConfig.DEFAULT,
                "micro-batch-tokens",
                "auto",
                "activation-checkpointing",
                "auto",
                "checkpoint-every",
                0));
        defaults.putAll(more);
        return defaults;
    }
}
