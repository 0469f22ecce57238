package org.reft4j.task.dataset;

/**
 * The three parts of a dataset. A model is chosen on {@link #VALIDATION}; {@link #TEST} is touched once, at the end.
 */
public enum Split {
    TRAIN,
    VALIDATION,
    TEST
}
