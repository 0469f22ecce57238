package org.reft4j.train.rollout;

/** Training target of a reward model, and its place in the chain. */
public enum RewardLabels {
    /** Correctness of the answer, at the last token of the chain of thought (ReFT, section 4.4; Cobbe et al. 2021). */
    OUTCOME,
    /** Correctness of each step (it can lead to a right answer), at the step's last token (Lightman et al. 2023; Wang et al. 2023). */
    PROCESS
}
