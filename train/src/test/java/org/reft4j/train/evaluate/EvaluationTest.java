package org.reft4j.train.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    @Test
    void whatAGraderReadsItAloneKnows() {
        assertEquals(Double.NaN, graded("scored", "scored", "failed").answeredShare());
        assertEquals(Double.NaN, graded().answeredShare());
    }
}
