package org.reft4j.model.generate;

import org.reft4j.model.tokenizer.Tokens;

/** What a model wrote behind a prompt. Immutable. */
public final class Completion {
    private final Tokens tokens;
    private final StopReason stop;
    private final float[] logprobs;
    private final float[] drawn;

    /**
     * Drawn at temperature 1.
     *
     * @param logprobs one per token
     * @throws IllegalArgumentException if their number differs from that of the tokens
     */
    public Completion(Tokens tokens, StopReason stop, float... logprobs) {
        this(tokens, stop, logprobs, logprobs);
    }

    /**
     * @param logprobs one per token, see {@link #logprobs()}
     * @param drawn one per token, see {@link #drawnLogprobs()}
     * @throws IllegalArgumentException if their number differs from that of the tokens
     */
    public Completion(Tokens tokens, StopReason stop, float[] logprobs, float[] drawn) {
        if (tokens.size() != logprobs.length || tokens.size() != drawn.length) {
            throw new IllegalArgumentException(logprobs.length + " log-probabilities for " + tokens.size() + " tokens");
        }
        this.tokens = tokens;
        this.stop = stop;
        this.logprobs = logprobs.clone();
        this.drawn = drawn.clone();
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
     * truncated.
     */
    public float[] logprobs() {
        return logprobs.clone();
    }

    /**
     * A copy of each token's natural log-probability in the distribution that it was drawn from, the model's at the temperature of
     * sampling; nothing truncated. A trainer that divides logits by the same temperature computes it too, but for rounding.
     */
    public float[] drawnLogprobs() {
        return drawn.clone();
    }

    @Override
    public String toString() {
        return "Completion[" + tokens.size() + " tokens, " + stop.label() + "]";
    }
}
