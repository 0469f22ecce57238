package org.reft4j.train.recipe;

import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;

/**
 * Supervised fine-tuning on annotated questions (ReFT, section 3.1).
 *
 * @param batch rows per optimiser step
 * @param microBatchTokens at most this many tokens, padding included, go through the model at once; does not change the result
 * @param epochs passes over the annotated training questions; may be a fraction
 * @param maxTokens rows are cut to this length
 * @param checkpointEvery steps between checkpoints, 0 for the end only
 */
public record SftConfig(
        String name,
        long seed,
        ModelSource model,
        DataConfig data,
        int batch,
        int microBatchTokens,
        double epochs,
        int maxTokens,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        int checkpointEvery)
        implements RecipeConfig {

    public SftConfig {
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(microBatchTokens > 0, "micro-batch-tokens", microBatchTokens, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        ConfigException.check(checkpointEvery >= 0, "checkpoint-every", checkpointEvery, "0 or more");
    }
}
