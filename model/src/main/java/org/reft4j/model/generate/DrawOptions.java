package org.reft4j.model.generate;

import java.util.Map;
import java.util.Set;

/**
 * Wishes of a single draw beyond its {@link SamplingConfig}. They cost others in the batch nothing.
 *
 * @param frequencyPenalty taken from a token's logit for each time that the completion holds it
 * @param presencePenalty taken from a token's logit once the completion holds it
 * @param bias added to logits, by token
 * @param alternatives likeliest tokens told with each sampled token; 0 for none
 * @param promptScores true to be told the log-probability of each prompt token, with as many alternatives
 * @param ends further tokens that end the completion
 */
public record DrawOptions(
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Double> bias,
        int alternatives,
        boolean promptScores,
        Set<Integer> ends) {
    /** No wishes. */
    public static final DrawOptions NONE = new DrawOptions(0, 0, Map.of(), 0, false, Set.of());

    public DrawOptions {
        if (alternatives < 0) {
            throw new IllegalArgumentException("alternatives is " + alternatives + "; expected 0 or more");
        }
        bias = Map.copyOf(bias);
        ends = Set.copyOf(ends);
    }

    /** True if the draw's logits are not the model's own. */
    boolean adjusts() {
        return frequencyPenalty != 0 || presencePenalty != 0 || !bias.isEmpty();
    }

    /** The same with so many alternatives of each token. */
    public DrawOptions withAlternatives(int count) {
        return new DrawOptions(frequencyPenalty, presencePenalty, bias, count, promptScores, ends);
    }

    /** The same with scores of the prompt's tokens. */
    public DrawOptions withPromptScores() {
        return new DrawOptions(frequencyPenalty, presencePenalty, bias, alternatives, true, ends);
    }
}
