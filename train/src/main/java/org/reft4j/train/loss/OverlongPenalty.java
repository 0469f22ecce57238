package org.reft4j.train.loss;

import org.reft4j.train.ConfigException;

/**
 * Reward penalty for long completions: the soft overlong punishment of DAPO (Yu et al. 2025, arXiv:2503.14476, equation 13).
 *
 * @param maxTokens a completion with more tokens gets the full penalty of 1; 0 for no penalty
 * @param buffer the penalty begins this many tokens below {@code max-tokens} and grows linearly to 1
 */
public record OverlongPenalty(int maxTokens, int buffer) {
    public static final OverlongPenalty NONE = new OverlongPenalty(0, 0);

    public OverlongPenalty {
        ConfigException.check(maxTokens >= 0, "overlong.max-tokens", maxTokens, "0 (no penalty) or more");
        ConfigException.check(
                maxTokens == 0 ? buffer == 0 : buffer > 0 && buffer <= maxTokens,
                "overlong.buffer",
                buffer,
                maxTokens == 0
                        ? "0 where overlong.max-tokens is 0, or that set too"
                        : "a positive number, at most overlong.max-tokens (" + maxTokens + ")");
    }

    /**
     * The penalty, to be added to the reward of a completion.
     *
     * @param tokens number of tokens of the completion
     * @return from -1 to 0
     */
    public double of(int tokens) {
        if (maxTokens == 0 || tokens <= maxTokens - buffer) {
            return 0;
        }
        return tokens > maxTokens ? -1 : (double) (maxTokens - buffer - tokens) / buffer;
    }
}
