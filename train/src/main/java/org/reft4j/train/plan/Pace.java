package org.reft4j.train.plan;

/**
 * The speed of this machine at a run's work, measured for a few seconds on the run's own model, prompts and rows.
 *
 * @param read prompt tokens a second
 * @param sampled tokens a second, with as many rows at once as the run has
 * @param scored tokens a second, forward alone
 * @param trained tokens a second, forward and backward
 * @param update seconds of one step of the optimiser
 * @param prompt tokens of a mean prompt
 * @param completion tokens of a mean completion, as annotated, or {@link #GUESSED} where nothing is
 */
public record Pace(
        double read, double sampled, double scored, double trained, double update, double prompt, double completion) {
    /** Tokens of a completion where no annotation says how long answers are. */
    static final int GUESSED = 128;

    /** Tokens of a mean row. */
    public double row() {
        return prompt + completion;
    }
}
