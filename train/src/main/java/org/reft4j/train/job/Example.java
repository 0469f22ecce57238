package org.reft4j.train.job;

import org.jspecify.annotations.Nullable;

/**
 * A question to learn from, made in Java.
 *
 * @param question as it is put to the model
 * @param answer the right one; one that is a number is compared as a number, any other one as text
 * @param rationale the annotated chain of thought that leads to the answer, for supervised training; {@code null} where there is none
 */
public record Example(
        String question, String answer, @Nullable String rationale) {
    /** A question with its answer alone, as reinforced fine-tuning needs it. */
    public Example(String question, String answer) {
        this(question, answer, null);
    }
}
