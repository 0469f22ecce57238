package org.reft4j.task.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One question with the answer that a completion is checked against.
 *
 * @param id unique in its dataset, as {@code svamp_976}
 * @param text the question as published; a prompt strips it
 * @param answer what counts as right
 * @param rationale the annotated chain of thought (prose or a program), {@code null} where only the answer is known
 * @param conversation what the question was asked in, {@code null} unless the data are conversations; then it, not the text, is what a
 *     model is given
 */
public record Question(
        String id,
        String text,
        Answer answer,
        @Nullable String rationale,
        @Nullable Conversation conversation) {

    /** A question by itself. */
    public Question(String id, String text, Answer answer, @Nullable String rationale) {
        this(id, text, answer, rationale, null);
    }

    /** The same question without its annotation: what reinforcement learning sees. */
    public Question withoutRationale() {
        return rationale == null
                ? this
                : new Question(id, text, answer, null, conversation == null ? null : conversation.question());
    }

    /** How many texts supervised training has of it: one with a rationale, of a conversation the assistant's turns. */
    public int targets() {
        return conversation != null ? conversation.turns() : rationale == null ? 0 : 1;
    }
}
