package org.reft4j.model.generate;

import java.util.List;

/**
 * Settings of sampling. Truncation follows Hugging Face transformers: temperature first, then the {@code topK} likeliest tokens,
 * then the fewest of these that together have {@code topP} of their probability.
 *
 * @param temperature logits are divided by it; 0 takes the likeliest token always (greedy)
 * @param topK 0 for all tokens
 * @param topP in (0, 1]; 1 for all tokens
 * @param maxTokens new tokens of a completion
 * @param maxTotalTokens prompt and completion together
 * @param stop a completion ends when its text holds one of these
 * @param supported true for completions that know their {@link Completion#supports supports}, for a trainer of this sampling
 */
public record SamplingConfig(
        double temperature,
        int topK,
        double topP,
        int maxTokens,
        int maxTotalTokens,
        List<String> stop,
        boolean supported) {

    public SamplingConfig {
        stop = List.copyOf(stop);
        check(temperature >= 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature, "0 or more");
        check(topK >= 0, "top-k", topK, "0 (off) or more");
        check(topP > 0 && topP <= 1, "top-p", topP, "a number in (0, 1]");
        check(maxTokens > 0, "max-tokens", maxTokens, "a positive number");
        check(maxTotalTokens > 0, "max-total-tokens", maxTotalTokens, "a positive number");
        check(stop.stream().noneMatch(String::isEmpty), "stop", stop, "texts that are not empty");
    }

    /** The likeliest token always, up to {@code maxTotalTokens} with the prompt. */
    public static SamplingConfig greedy(int maxTotalTokens) {
        return sampling(0, 0, 1, maxTotalTokens);
    }

    /** Random tokens, up to {@code maxTotalTokens} with the prompt. */
    public static SamplingConfig sampling(double temperature, int topK, double topP, int maxTotalTokens) {
        return new SamplingConfig(temperature, topK, topP, Integer.MAX_VALUE, maxTotalTokens, List.of(), false);
    }

    /** The same with at most this many new tokens. */
    public SamplingConfig withMaxTokens(int tokens) {
        return new SamplingConfig(temperature, topK, topP, tokens, maxTotalTokens, stop, supported);
    }

    /** The same with other stop strings. */
    public SamplingConfig withStop(List<String> texts) {
        return new SamplingConfig(temperature, topK, topP, maxTokens, maxTotalTokens, texts, supported);
    }

    /** The same with completions that know their supports. */
    public SamplingConfig withSupports() {
        return new SamplingConfig(temperature, topK, topP, maxTokens, maxTotalTokens, stop, true);
    }

    boolean isGreedy() {
        return temperature == 0;
    }

    /** True if tokens are drawn from another distribution than the model's plain one, cutting off aside. */
    boolean isTempered() {
        return !isGreedy() && temperature != 1;
    }

    /** True where tokens are drawn from fewer than the whole vocabulary. */
    boolean truncates() {
        return !isGreedy() && (topK > 0 || topP < 1);
    }

    private static void check(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(key + " is " + value + "; expected " + expected);
        }
    }
}
