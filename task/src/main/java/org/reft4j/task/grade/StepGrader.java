package org.reft4j.task.grade;

import java.util.List;
import org.reft4j.task.dataset.Question;

/**
 * Judges the steps of a completion one by one, so that each can be rewarded on its own last token. Implementations may be called from many
 * threads at once and never throw for a bad completion.
 */
@FunctionalInterface
public interface StepGrader {
    /**
     * The steps that there is something to say about, in the order of the text. Others are left out: they are neither right nor wrong.
     *
     * @param completion the text after the prompt, as a {@link Grader} sees it
     */
    List<StepScore> steps(Question question, String completion);
}
