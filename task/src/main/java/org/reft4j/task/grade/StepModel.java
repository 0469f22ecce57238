package org.reft4j.task.grade;

import java.util.List;
import org.reft4j.task.dataset.Question;

/** A model that says how likely each step of a chain of thought is right. Implementations may be called from many threads at once. */
@FunctionalInterface
public interface StepModel {
    /**
     * @param completion the text after the prompt, as a {@link Grader} sees it
     * @return the steps that the model was shown, with probabilities; without those beyond its longest text
     */
    List<StepScore> steps(Question question, String completion);
}
