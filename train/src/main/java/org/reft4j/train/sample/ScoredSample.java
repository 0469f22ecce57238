package org.reft4j.train.sample;

import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;

/**
 * A completion and what it was worth, from whatever place it is stored in.
 *
 * @param question it answers; of a file of conversations, with the completion as the last message
 * @param place where it is stored, as a message begins
 * @param text head and completion as a grader reads them; of a file, the completion as it is there
 * @param tokens as they were sampled; {@code null} for a file, which has texts
 * @param reward NaN where grading failed
 * @param right whether it counts as right
 */
public record ScoredSample(
        Question question,
        String place,
        String text,
        @Nullable Tokens tokens,
        double reward,
        boolean right) {
    /** Whether it is known what it is worth. */
    public boolean graded() {
        return !Double.isNaN(reward);
    }
}
