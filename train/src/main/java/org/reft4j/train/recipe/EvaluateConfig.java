package org.reft4j.train.recipe;

import org.reft4j.train.ConfigException;

/**
 * When and how a run is measured. It is always measured on validation questions, with greedy decoding; the test split is never touched
 * by a recipe.
 *
 * @param every steps between two measurements, 0 for the end only
 * @param questions how many validation questions, 0 for all
 * @param maxTotalTokens prompt and completion together; where a recipe samples, by default its {@code rollout.max-total-tokens}
 * @param batch rows decoded at once
 * @param keepAll whether the checkpoint of every measurement is kept, not only the best and the newest two
 */
public record EvaluateConfig(int every, int questions, int maxTotalTokens, int batch, boolean keepAll) {
    public static final EvaluateConfig DEFAULT = new EvaluateConfig(0, 0, 700, 64, false);

    public EvaluateConfig {
        ConfigException.check(every >= 0, "evaluate.every", every, "0 or more");
        ConfigException.check(questions >= 0, "evaluate.questions", questions, "0 (all) or more");
        ConfigException.check(maxTotalTokens > 1, "evaluate.max-total-tokens", maxTotalTokens, "more than 1");
        ConfigException.check(batch > 0, "evaluate.batch", batch, "a positive number");
    }

    /** The number of questions that are measured of so many. */
    int measured(int validation) {
        return questions > 0 ? Math.min(questions, validation) : validation;
    }
}
