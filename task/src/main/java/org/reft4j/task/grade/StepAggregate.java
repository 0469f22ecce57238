package org.reft4j.task.grade;

import java.util.List;

/** Aggregation of the scores of a chain's steps into the score of the chain (Wang et al. 2023, arXiv:2312.08935; Lightman et al. 2023). */
public enum StepAggregate {
    /** The worst step. */
    MIN,
    /** All steps right, as if they were independent. */
    PRODUCT,
    /** The last step; of an outcome reward model, its only score. */
    LAST;

    /** @param scores of the steps in their order; 0 for none, since nothing was said */
    public double of(List<Double> scores) {
        if (scores.isEmpty()) {
            return 0;
        }
        return switch (this) {
            case MIN -> scores.stream().mapToDouble(score -> score).min().orElseThrow();
            case PRODUCT -> scores.stream().mapToDouble(score -> score).reduce(1, (a, b) -> a * b);
            case LAST -> scores.getLast();
        };
    }
}
