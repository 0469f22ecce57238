package org.reft4j.task.dataset;

/** The rule by which questions are held out of train where the data have no split of their own. A run keeps the one that it began with. */
public enum SplitRule {
    /** Questions that are alike but for the spelling or, as far as possible, the value of their numbers stay on one side. */
    BY_SKELETON,
    /** Questions of the same letters and digits stay on one side: the rule of versions that did not look at numbers. */
    BY_TEXT
}
