package org.reft4j.train.loss;

/** Averaging of the loss: the weight of a token in the loss of a minibatch. */
public enum LossAverage {
    /**
     * The mean over the tokens of each completion, then over completions: GRPO (Shao et al. 2024, arXiv:2402.03300, equation 3). A token
     * counts for less in a longer completion.
     */
    COMPLETION,
    /** The mean over all tokens: DAPO (Yu et al. 2025, arXiv:2503.14476, equation 12). */
    TOKEN,
    /** The sum over tokens divided by the number of completions and by a constant: Dr. GRPO (Liu et al. 2025, arXiv:2503.20783, section 3.2). */
    CONSTANT;

    /**
     * The weight of one token; the weights of a minibatch add up to 1, except with {@link #CONSTANT}.
     *
     * @param length number of tokens of its completion
     * @param rows number of completions of the minibatch that take part in the loss
     * @param tokens number of tokens of those completions
     * @param constant the length that {@link #CONSTANT} divides by
     */
    public double weight(int length, long rows, long tokens, int constant) {
        return switch (this) {
            case COMPLETION -> 1.0 / ((double) length * rows);
            case TOKEN -> 1.0 / tokens;
            case CONSTANT -> 1.0 / ((double) constant * rows);
        };
    }
}
