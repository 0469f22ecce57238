package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * Sampling of completions in training.
 *
 * @param questions questions per step
 * @param samples completions per question; 1 in the paper
 * @param mixedOnly trains only on questions whose completions have different rewards, if a step has any (dynamic sampling without
 *     refilling, Yu et al. 2025, arXiv:2503.14476); off in the paper
 * @param temperature sampling temperature; 1 in the paper. {@code reft} and {@code grpo} divide the logits of policy and reference by it
 *     too, so that they train the distribution that was sampled from
 * @param topK samples only among this many likeliest tokens; 0 for all. {@code reft} and {@code grpo} leave the excluded tokens out of
 *     their probabilities too
 * @param topP samples only among the likeliest tokens that together have this probability; 1 for all. Excluded tokens are treated as with
 *     top-k
 * @param maxPromptTokens longest prompt in tokens; questions with a longer one are left out with a warning
 * @param maxTotalTokens longest prompt and completion together, in tokens
 * @param batch number of completions generated at once
 * @param keepTraces share of rollouts that are stored with figures for every token
 */
public record RolloutConfig(
        int questions,
        int samples,
        boolean mixedOnly,
        double temperature,
        int topK,
        double topP,
        int maxPromptTokens,
        int maxTotalTokens,
        int batch,
        double keepTraces) {
    /** Values of the reference's launch scripts; see docs/algorithms/reft.md. */
    public static final RolloutConfig REFT = new RolloutConfig(32, 1, false, 1.0, 0, 1.0, 300, 700, 64, 0.1);

    public RolloutConfig {
        ConfigException.check(questions > 0, "rollout.questions", questions, "a positive number");
        ConfigException.check(samples > 0, "rollout.samples", samples, "a positive number");
        ConfigException.check(
                !mixedOnly || samples > 1,
                "rollout.mixed-only",
                mixedOnly,
                "false, where rollout.samples is 1: a single completion is like itself");
        ConfigException.check(temperature > 0, "rollout.temperature", temperature, "a number above 0");
        ConfigException.check(topK >= 0, "rollout.top-k", topK, "0 (off) or more");
        ConfigException.check(topP > 0 && topP <= 1, "rollout.top-p", topP, "a number in (0, 1]");
        ConfigException.check(maxPromptTokens > 0, "rollout.max-prompt-tokens", maxPromptTokens, "a positive number");
        ConfigException.check(
                maxTotalTokens > maxPromptTokens,
                "rollout.max-total-tokens",
                maxTotalTokens,
                "more than max-prompt-tokens (" + maxPromptTokens + ")");
        ConfigException.check(batch > 0, "rollout.batch", batch, "a positive number");
        ConfigException.check(
                keepTraces >= 0 && keepTraces <= 1, "rollout.keep-traces", keepTraces, "a share in [0, 1]");
    }

    /** Number of completions in a step. */
    public long rollouts() {
        return (long) questions * samples;
    }
}
