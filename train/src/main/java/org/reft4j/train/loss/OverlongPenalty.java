package org.reft4j.train.loss;

import org.reft4j.train.ConfigException;

/**
 * What long completions are paid less: the soft overlong punishment of DAPO (Yu et al. 2025, arXiv:2503.14476, equation 13).
 *
 * @param maxTokens completions of more tokens lose the whole of 1; 0 for no penalty at all
 * @param buffer so many tokens below it the loss begins, and grows evenly
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
     * What is added to the reward of a completion.
     *
     * @param tokens of it
     * @return from -1 to 0
     */
    public double of(int tokens) {
        if (maxTokens == 0 || tokens <= maxTokens - buffer) {
            return 0;
        }
        return tokens > maxTokens ? -1 : (double) (maxTokens - buffer - tokens) / buffer;
    }
}
