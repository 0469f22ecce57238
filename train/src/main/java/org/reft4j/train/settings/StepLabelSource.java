package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Where labels of steps come from.
 *
 * @param path a file of {@code reft steps}, or one in the same form
 * @param estimate of a step's label from the rollouts behind it
 */
public record StepLabelSource(
        String path, @JsonProperty(defaultValue = "hard") Estimate estimate) {
    /** Math-Shepherd's two estimates (Wang et al. 2023, arXiv:2312.08935, equations 3 and 4). */
    public enum Estimate {
        /** 1 if one of the rollouts was right, else 0. */
        HARD,
        /** The share of rollouts that were right. */
        SOFT
    }
}
