package org.reft4j.train.rollout;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.PythonNumber;

/** Kind of an answer, which decides when two answers are equal; votes are counted by this rule. */
public enum AnswerKind {
    /** Equal by value, without tolerance: {@code 7} and {@code 7.0} are one answer, {@code 7.0} and {@code 7.001} are two. */
    NUMBER,
    /** One letter of a multiple-choice question; what is longer or empty is no answer. */
    LETTER,
    /** Equal to the letter. */
    TEXT;

    public static AnswerKind of(Answer answer) {
        return switch (answer) {
            case Answer.Numeric _ -> NUMBER;
            case Answer.Choice _ -> LETTER;
            case Answer.Text _, Answer.Unknown _ -> TEXT;
        };
    }

    /** As files spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The key of an answer: equal answers have equal keys.
     *
     * @param extracted the answer as a grader extracts it
     * @return empty if it is not a valid answer of this kind: not a number, or not a letter
     */
    public Optional<Object> key(String extracted) {
        return switch (this) {
            case NUMBER -> number(PythonNumber.parse(extracted));
            case LETTER ->
                extracted.codePointCount(0, extracted.length()) == 1 ? Optional.of(extracted) : Optional.empty();
            case TEXT -> extracted.isEmpty() ? Optional.empty() : Optional.of(extracted);
        };
    }

    private static Optional<Object> number(OptionalDouble value) {
        // Not a number equals nothing, itself included; adding 0 makes the two zeros one, as == does.
        return value.isEmpty() || Double.isNaN(value.getAsDouble())
                ? Optional.empty()
                : Optional.of(value.getAsDouble() + 0.0);
    }
}
