package org.reft4j.train.rollout;

import org.jspecify.annotations.Nullable;

/** A model's figures for the tokens of one completion. */
public final class TokenScores {
    private final float[] logprobs;
    private final float @Nullable [] values;

    /**
     * @param logprobs log-probability of each token, at the model's temperature; not copied
     * @param values critic's value before each token; {@code null} without a value head; not copied
     */
    public TokenScores(float[] logprobs, float @Nullable [] values) {
        this.logprobs = logprobs;
        this.values = values;
    }

    public float[] logprobs() {
        return logprobs.clone();
    }

    /** @throws IllegalArgumentException if the model has no value head */
    public float[] values() {
        if (values == null) {
            throw new IllegalArgumentException("PPO needs a policy with a value head");
        }
        return values.clone();
    }
}
