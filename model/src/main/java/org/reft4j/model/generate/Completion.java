package org.reft4j.model.generate;

import java.util.List;
import org.reft4j.model.tokenizer.TokenSet;
import org.reft4j.model.tokenizer.Tokens;

/** Text that a model sampled after a prompt. Immutable. */
public final class Completion {
    private final Tokens tokens;
    private final StopReason stop;
    private final float[] logprobs;
    private final float[] drawn;
    private final List<TokenSet> supports;

    /**
     * Drawn at temperature 1, from all tokens.
     *
     * @param logprobs one per token
     * @throws IllegalArgumentException if their number differs from that of the tokens
     */
    public Completion(Tokens tokens, StopReason stop, float... logprobs) {
        this(tokens, stop, logprobs, logprobs, List.of());
    }

    /**
     * @param logprobs one per token, see {@link #logprobs()}
     * @param drawn one per token, see {@link #drawnLogprobs()}
     * @param supports one per token or none, see {@link #supports()}
     * @throws IllegalArgumentException if their number differs from that of the tokens
     */
    public Completion(Tokens tokens, StopReason stop, float[] logprobs, float[] drawn, List<TokenSet> supports) {
        if (tokens.size() != logprobs.length || tokens.size() != drawn.length) {
            throw new IllegalArgumentException(logprobs.length + " log-probabilities for " + tokens.size() + " tokens");
        }
        this.tokens = tokens;
        this.stop = stop;
        this.logprobs = logprobs.clone();
        this.drawn = drawn.clone();
        this.supports = List.copyOf(supports);
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
     * sampling, over its support. A trainer that divides logits by the same temperature and has the supports computes it too, but for
     * rounding.
     */
    public float[] drawnLogprobs() {
        return drawn.clone();
    }

    /**
     * The support of each token: what top-k and top-p left to draw it from. Empty where nothing was truncated, and where nobody asked
     * for it ({@link SamplingConfig#supported}).
     */
    public List<TokenSet> supports() {
        return supports;
    }

    @Override
    public String toString() {
        return "Completion[" + tokens.size() + " tokens, " + stop.label() + "]";
    }
}
