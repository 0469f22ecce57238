package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * Evaluation during training, always on validation questions and with greedy decoding; a recipe never touches the test split.
 *
 * @param every steps between two evaluations; 0 to evaluate at the end only
 * @param questions number of validation questions to use; 0 for all
 * @param maxTotalTokens longest prompt and completion together, in tokens; by default {@code rollout.max-total-tokens} in recipes that have
 *     it
 * @param batch number of completions generated at once
 * @param keepAll keeps the checkpoint of every evaluation, not only the best and the two newest
 */
public record EvaluateConfig(int every, int questions, int maxTotalTokens, int batch, boolean keepAll) {
    public static final EvaluateConfig DEFAULT = new EvaluateConfig(0, 0, 700, 64, false);

    public EvaluateConfig {
        ConfigException.check(every >= 0, "evaluate.every", every, "0 or more");
        ConfigException.check(questions >= 0, "evaluate.questions", questions, "0 (all) or more");
        ConfigException.check(maxTotalTokens > 1, "evaluate.max-total-tokens", maxTotalTokens, "more than 1");
        ConfigException.check(batch > 0, "evaluate.batch", batch, "a positive number");
    }

    /** The number of questions to use when there are {@code validation} of them. */
    public int measured(int validation) {
        return questions > 0 ? Math.min(questions, validation) : validation;
    }
}
