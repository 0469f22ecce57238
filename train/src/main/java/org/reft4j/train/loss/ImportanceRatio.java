package org.reft4j.train.loss;

/** Unit of the importance ratio between the current policy and the one that sampled. */
public enum ImportanceRatio {
    /** The probability of each token: PPO and GRPO. */
    TOKEN,
    /**
     * The probability of the whole completion, to the power of one over its length, the same for all its tokens: GSPO (Zheng et al. 2025,
     * arXiv:2507.18071, equation 7).
     */
    SEQUENCE
}
