package org.reft4j.task.dataset;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
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
 * @param row the whole data row as read, not to be changed; {@code null} where the question came from no file
 * @param answerField the row's own name for the answer, by dots where it lies within an object
 * @param place file and line or item, for messages; empty where the question came from no file
 */
public record Question(
        String id,
        String text,
        Answer answer,
        @Nullable String rationale,
        @Nullable Conversation conversation,
        @Nullable ObjectNode row,
        String answerField,
        String place) {

    /** Field of the answer in the formats that are read. */
    private static final List<String> ANSWER_FIELDS = List.of("answer", "answer_value", "Answer", "correct");

    /** A question by itself. */
    public Question(String id, String text, Answer answer, @Nullable String rationale) {
        this(id, text, answer, rationale, null, null);
    }

    /** A question whose row, if it has one, calls the answer as published data do. */
    public Question(
            String id,
            String text,
            Answer answer,
            @Nullable String rationale,
            @Nullable Conversation conversation,
            @Nullable ObjectNode row) {
        this(id, text, answer, rationale, conversation, row, "answer", "");
    }

    /**
     * The same question with the row that it was read from.
     *
     * @param answers the row's own name for the answer
     * @param where file and line or item
     */
    public Question from(ObjectNode fields, String answers, String where) {
        return new Question(id, text, answer, rationale, conversation, fields, answers, where);
    }

    /** The same question with another answer, in its row too. */
    public Question with(Answer other) {
        ObjectNode changed = row == null ? null : row.deepCopy();
        if (changed != null) {
            for (String field : ANSWER_FIELDS) {
                if (changed.has(field)) {
                    changed.put(field, other.raw());
                }
            }
            FieldPath.put(changed, answerField, other.raw());
        }
        return new Question(id, text, other, rationale, conversation, changed, answerField, place);
    }

    /**
     * The {@code item} of grader objects: {@code item_id}, {@code question} and {@code answer}, and all that the data row has. A
     * new object; its values are not to be changed.
     */
    public ObjectNode item() {
        ObjectNode item = JsonNodeFactory.instance.objectNode();
        item.put("item_id", id);
        item.put("question", text);
        if (!(answer instanceof Answer.Unknown)) {
            item.put("answer", answer.raw());
        }
        if (row != null) {
            item.setAll(row);
        }
        return item;
    }

    /** The same question without its annotation: what reinforcement learning sees. */
    public Question withoutRationale() {
        return rationale == null
                ? this
                : new Question(
                        id,
                        text,
                        answer,
                        null,
                        conversation == null ? null : conversation.question(),
                        row,
                        answerField,
                        place);
    }

    /** A short name for what is asked, whatever the spelling of numbers and white space: equal for one question only, whatever its id. */
    public String print() {
        String asked = conversation == null
                ? text
                : String.valueOf(conversation.question().messages());
        return Likeness.print(asked);
    }

    /** Number of its targets in supervised training: one with a rationale, of a conversation the assistant's turns. */
    public int targets() {
        return conversation != null ? conversation.turns() : rationale == null ? 0 : 1;
    }
}
