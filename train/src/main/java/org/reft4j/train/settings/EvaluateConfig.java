package org.reft4j.train.settings;

import org.jspecify.annotations.Nullable;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.train.ConfigException;

/**
 * Evaluation during training, always on validation questions; a recipe never touches the test split.
 *
 * @param every steps between two evaluations; 0 to evaluate at the end only
 * @param questions number of validation questions to use; 0 for all
 * @param maxTotalTokens longest prompt and completion together, in tokens; by default {@code rollout.max-total-tokens} in recipes that have
 *     it
 * @param batch number of completions generated at once
 * @param keepAll keeps the checkpoint of every evaluation, not only the best and the two newest
 * @param samples completions of each question: 1 for the greedy one; more are sampled as training samples, from the same random numbers at
 *     each evaluation, and their mean counts
 * @param tokenAccuracy tells in supervised and preference training which share of a batch's tokens the model finds likeliest; with a file as
 *     {@code data.validation} it does so always
 */
public record EvaluateConfig(
        int every, int questions, int maxTotalTokens, int batch, boolean keepAll, int samples, boolean tokenAccuracy) {
    public static final EvaluateConfig DEFAULT = new EvaluateConfig(0, 0, 700, 64, false, 1, false);

    public EvaluateConfig {
        ConfigException.check(every >= 0, "evaluate.every", every, "0 or more");
        ConfigException.check(questions >= 0, "evaluate.questions", questions, "0 (all) or more");
        ConfigException.check(maxTotalTokens > 1, "evaluate.max-total-tokens", maxTotalTokens, "more than 1");
        ConfigException.check(batch > 0, "evaluate.batch", batch, "a positive number");
        ConfigException.check(samples > 0, "evaluate.samples", samples, "a positive number");
    }

    /**
     * Greedy, or as training samples where several completions of a question are wanted.
     *
     * @param rollout {@code null} for recipes that do not sample in training
     */
    public SamplingConfig sampling(@Nullable RolloutConfig rollout) {
        if (samples == 1) {
            return SamplingConfig.greedy(maxTotalTokens);
        }
        return rollout == null
                ? SamplingConfig.sampling(1, 0, 1, maxTotalTokens)
                : SamplingConfig.sampling(rollout.temperature(), rollout.topK(), rollout.topP(), maxTotalTokens);
    }

    /** The number of questions to use when there are {@code validation} of them. */
    public int measured(int validation) {
        return questions > 0 ? Math.min(questions, validation) : validation;
    }

    /** The number of completions of an evaluation when there are {@code validation} questions. */
    public long completions(int validation) {
        return (long) measured(validation) * samples;
    }
}
