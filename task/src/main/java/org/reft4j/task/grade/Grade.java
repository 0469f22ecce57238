package org.reft4j.task.grade;

import java.util.Map;

/** What a grader saw in a completion. How much it is paid is {@link RewardRule}'s business. */
public sealed interface Grade {
    /**
     * The right answer.
     *
     * @param extracted the answer as extracted, in Python's spelling ({@code 7.0})
     */
    record Correct(String extracted) implements Grade {}

    /**
     * An answer, but not the right one.
     *
     * @param extracted the answer as extracted
     */
    record Wrong(String extracted) implements Grade {}

    /**
     * Nothing could be extracted: no number after the trigger, a program that failed or ran out of time.
     *
     * @param reason one line, such as {@code NameError: name 'x' is not defined}
     */
    record NoAnswer(String reason) implements Grade {}

    /**
     * Judged by degree.
     *
     * @param score in [0, 1]
     * @param parts the named parts it was made of
     */
    record Scored(double score, Map<String, Double> parts) implements Grade {}

    /**
     * The grader itself failed: counted and reported, never trained on.
     *
     * @param reason one line
     */
    record Failed(String reason) implements Grade {}
}
