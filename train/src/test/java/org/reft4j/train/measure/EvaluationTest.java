package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EvaluationTest {
    private static Evaluation graded(String... grades) {
        return new Evaluation(
                IntStream.range(0, grades.length)
                        .mapToObj(i -> new Evaluation.Answered(
                                "q" + i, "", "", "", grades[i], "", grades[i].equals("correct"), "end", 0))
                        .toList(),
                1,
                1);
    }

    @Test
    void readableAreThoseThatThePapersRuleReads() {
        assertEquals(0.5, graded("correct", "wrong", "no-answer", "failed").answeredShare());
    }

    /** One in twenty may be cut off without a word. */
    @Test
    void manyAnswersCutOffAreWarnedOf() {
        assertEquals(Optional.empty(), ended("length", 1, 20).cutOff());
        assertEquals(Optional.empty(), graded().cutOff());
        assertEquals(
                Optional.of("2 of 20 answers were cut off at the greatest length, or had no room at all"),
                ended("length", 2, 20).cutOff());
        assertEquals(
                Optional.of("20 of 20 answers were cut off at the greatest length, or had no room at all"),
                ended("prompt-too-long", 20, 20).cutOff());
    }

    private static Evaluation ended(String stop, int some, int all) {
        return new Evaluation(
                IntStream.range(0, all)
                        .mapToObj(i -> new Evaluation.Answered(
                                "q" + i, "", "", "", "wrong", "", false, i < some ? stop : "end-of-text", 0))
                        .toList(),
                1,
                1);
    }

    @Test
    void whatAGraderReadsItAloneKnows() {
        assertEquals(Double.NaN, graded("scored", "scored", "failed").answeredShare());
        assertEquals(Double.NaN, graded().answeredShare());
    }
}
