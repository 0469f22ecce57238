package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The source of step labels.
 *
 * @param path a file written by {@code reft steps}, or one in the same format
 * @param estimate a step's label from the rollouts that continue after it: {@code hard} or {@code soft}
 */
public record StepLabelSource(
        String path, @JsonProperty(defaultValue = "hard") Estimate estimate) {
    /** Math-Shepherd's two estimates (Wang et al. 2023, arXiv:2312.08935, equations 3 and 4). */
    public enum Estimate {
        /** 1 if at least one rollout was right, else 0. */
        HARD,
        /** The share of rollouts that were right. */
        SOFT
    }
}
