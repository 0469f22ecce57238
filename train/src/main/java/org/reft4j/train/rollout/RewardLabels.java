package org.reft4j.train.rollout;

/** What a reward model is taught to say, and where. */
public enum RewardLabels {
    /** Whether the answer is right, at the last token of the chain of thought (ReFT, section 4.4; Cobbe et al. 2021). */
    OUTCOME,
    /** Whether a step leads to a right answer, at the step's last token (Lightman et al. 2023; Wang et al. 2023). */
    PROCESS
}
