package org.reft4j.train.settings;

import org.reft4j.train.learn.Questioner;

/**
 * How completions are sampled.
 *
 * @param questions that are asked together: a step's, or offline those whose samples are stored together
 * @param samples completions per question
 * @param temperature 1 in the paper
 * @param topK 0 for off
 * @param topP 1 for off
 * @param maxPromptTokens longer prompts are left out of sampling with a warning
 * @param maxTotalTokens prompt and completion together
 * @param batch rows decoded at once
 */
public record SelfTrainingRollout(
        int questions,
        int samples,
        double temperature,
        int topK,
        double topP,
        int maxPromptTokens,
        int maxTotalTokens,
        int batch) {
    /** The reference's launch scripts, whose sampling takes the 50 likeliest tokens; docs/algorithms/self-training.md. */
    static final SelfTrainingRollout OFFLINE = new SelfTrainingRollout(16, 100, 1.0, 50, 1.0, 1000, 1024, 64);
    /** The reference's launch scripts. */
    static final SelfTrainingRollout ONLINE = new SelfTrainingRollout(32, 1, 1.0, 0, 1.0, 300, 700, 64);

    public SelfTrainingRollout {
        // One place for what can be wrong with these settings.
        var _ = questioning(questions, samples, temperature, topK, topP, maxPromptTokens, maxTotalTokens, batch);
    }

    /** The same for a {@link Questioner}: no question is left out for being answered alike, and no token's figures are kept. */
    public RolloutConfig questioning() {
        return questioning(questions, samples, temperature, topK, topP, maxPromptTokens, maxTotalTokens, batch);
    }

    private static RolloutConfig questioning(
            int questions,
            int samples,
            double temperature,
            int topK,
            double topP,
            int maxPromptTokens,
            int maxTotalTokens,
            int batch) {
        return new RolloutConfig(
                questions, samples, false, temperature, topK, topP, maxPromptTokens, maxTotalTokens, batch, 0);
    }
}
