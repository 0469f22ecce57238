package org.reft4j.task.grade;

/**
 * Score of one step of a completion.
 *
 * @param end offset in the completion, one past the step's last character
 * @param score finite; usually in [0, 1]
 * @param reason one line for people
 */
public record StepScore(int end, double score, String reason) {
    public StepScore {
        if (end < 1 || !Double.isFinite(score)) {
            throw new IllegalArgumentException("a step that ends at " + end + " with score " + score
                    + "; expected a position above 0 and a finite number");
        }
    }
}
