package org.reft4j.task.grade;

import org.reft4j.task.dataset.Question;

/** Judges one completion. Implementations may be called from many threads at once and never throw for a bad completion. */
@FunctionalInterface
public interface Grader {
    /**
     * @param completion the text after the prompt: for programs, the header and then what was sampled
     */
    Grade grade(Question question, String completion);
}
