package org.reft4j.train.loss;

/** The function of ratio and advantage that an update makes larger. */
public enum Surrogate {
    /** The smaller of {@code ratio x advantage} with and without clipping: PPO and GRPO. A token that is clipped has no gradient. */
    CLIPPED,
    /**
     * {@code clipped ratio x advantage x log-probability}, the ratio taken for a constant: CISPO (MiniMax 2025, MiniMax-M1,
     * arXiv:2506.13585, equation 4). Clipping bounds what a token counts for, and takes no gradient away.
     */
    CISPO
}
