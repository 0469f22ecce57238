package org.reft4j.train.recipe;

import org.reft4j.train.ConfigException;

/**
 * How completions are sampled.
 *
 * @param questions per step
 * @param samples completions per question; 1 in the paper
 * @param mixedOnly learn only from questions whose completions were paid unequally, as long as there are any (dynamic sampling
 *     without refilling, Yu et al. 2025, arXiv:2503.14476); off in the paper
 * @param temperature of sampling; {@code reft} and {@code grpo} divide the logits of policy and reference by it too, so that what is
 *     trained is what was sampled. 1 in the paper
 * @param topK only so many likeliest tokens are drawn from; 0 for all. Tokens that were left out are left out of the probabilities that
 *     {@code reft} and {@code grpo} train, too
 * @param topP only the likeliest tokens that together have this probability are drawn from, treated like top-k; 1 for all
 * @param maxPromptTokens longer prompts are left out with a warning
 * @param maxTotalTokens prompt and completion together
 * @param batch rows decoded at once
 * @param keepTraces the share of rollouts that are stored with per-token figures
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
    /** The reference's launch scripts; docs/algorithms/reft.md. */
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

    /** Completions of a step. */
    long rollouts() {
        return (long) questions * samples;
    }
}
