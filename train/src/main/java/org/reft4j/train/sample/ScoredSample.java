package org.reft4j.train.sample;

import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;

/**
 * A completion with its reward, read from any kind of source.
 *
 * @param question the question that it answers; in a file of conversations, with the completion as the last message
 * @param place its place, as the beginning of a message
 * @param text head and completion as a grader reads them; in a file, the completion as written there
 * @param tokens the sampled tokens; {@code null} for a file, which has only texts
 * @param reward its reward; NaN if grading failed
 * @param right true if it counts as right
 */
public record ScoredSample(
        Question question,
        String place,
        String text,
        @Nullable Tokens tokens,
        double reward,
        boolean right) {
    /** True if it has a reward. */
    public boolean graded() {
        return !Double.isNaN(reward);
    }
}
