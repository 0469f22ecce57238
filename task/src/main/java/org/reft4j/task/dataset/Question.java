package org.reft4j.task.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One question with the answer that a completion is checked against.
 *
 * @param id unique in its dataset, as {@code svamp_976}
 * @param text the question as published; a prompt strips it
 * @param answer what counts as right
 * @param rationale the annotated chain of thought (prose or a program), {@code null} where only the answer is known
 */
public record Question(
        String id, String text, Answer answer, @Nullable String rationale) {

    /** The same question without its annotation: what reinforcement learning sees. */
    public Question withoutRationale() {
        return rationale == null ? this : new Question(id, text, answer, null);
    }
}
