package org.reft4j.model.generate;

import org.reft4j.model.tokenizer.Tokens;

/** What a model wrote behind a prompt. Immutable. */
public final class Completion {
    private final Tokens tokens;
    private final StopReason stop;
    private final float[] logprobs;

    /**
     * @param logprobs one per token
     * @throws IllegalArgumentException if their number differs from that of the tokens
     */
    public Completion(Tokens tokens, StopReason stop, float... logprobs) {
        if (tokens.size() != logprobs.length) {
            throw new IllegalArgumentException(logprobs.length + " log-probabilities for " + tokens.size() + " tokens");
        }
        this.tokens = tokens;
        this.stop = stop;
        this.logprobs = logprobs.clone();
    }

    /** The new tokens, with the end-of-text token where it stopped there. */
    public Tokens tokens() {
        return tokens;
    }

    public StopReason stop() {
        return stop;
    }

    /**
     * A copy of each token's natural log-probability when it was sampled, by the model's plain distribution: temperature 1, nothing
     * truncated. It is what a trainer computes for the same token, but for rounding.
     */
    public float[] logprobs() {
        return logprobs.clone();
    }

    @Override
    public String toString() {
        return "Completion[" + tokens.size() + " tokens, " + stop.label() + "]";
    }
}
