package org.reft4j.train.settings;

import org.reft4j.train.learn.Questioner;

/**
 * Sampling of completions in training.
 *
 * @param questions questions sampled together: those of a step, or in offline self-training those whose samples are stored at once
 * @param samples completions per question
 * @param temperature sampling temperature; 1 in the paper
 * @param topK samples only among this many likeliest tokens; 0 for all
 * @param topP samples only among the likeliest tokens that together have this probability; 1 for all
 * @param maxPromptTokens longest prompt in tokens; questions with a longer one are not sampled, with a warning
 * @param maxTotalTokens longest prompt and completion together, in tokens
 * @param batch number of completions generated at once
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
    /** Values of the reference's launch scripts, which sample among the 50 likeliest tokens; see docs/algorithms/self-training.md. */
    public static final SelfTrainingRollout OFFLINE = new SelfTrainingRollout(16, 100, 1.0, 50, 1.0, 1000, 1024, 64);
    /** Values of the reference's launch scripts. */
    public static final SelfTrainingRollout ONLINE = new SelfTrainingRollout(32, 1, 1.0, 0, 1.0, 300, 700, 64);

    public SelfTrainingRollout {
        // One place for what can be wrong with these settings.
        var _ = questioning(questions, samples, temperature, topK, topP, maxPromptTokens, maxTotalTokens, batch);
    }

    /**
     * The same settings for a {@link Questioner}: all questions are kept, however their completions were graded, and no figures of tokens
     * are stored.
     */
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
