package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.Samples;

class SampleFiguresTest {
    private static final double TOLERANCE = 1e-12;
    private static final long SEED = 5;
    /** The right answer is 7; greedy first. */
    private static final List<SampledQuestion> QUESTIONS = List.of(
            Samples.question("a", "7.0", "7.0", "3.0", "3.0", "7.0"),
            Samples.question("b", "1.0", "2.0", "7.0", "-", "7.0"),
            Samples.question("c", "-", "-", "-", "-", "4.0"));

    private static final SampleFigures FIGURES = SampleFigures.of(QUESTIONS, List.of(1, 2, 4), SEED);

    @Test
    void greedyIsAShareOfQuestions() {
        assertEquals(Estimate.wilson(1, 3), FIGURES.greedy());
    }

    @Test
    void oneSampleIsTheMeanOverQuestions() {
        // 2 of 4, 2 of 4, 0 of 4.
        assertEquals(1.0 / 3, FIGURES.single().value(), TOLERANCE);
        assertEquals(FIGURES.single().value(), FIGURES.at().getFirst().vote().value(), TOLERANCE);
        assertEquals(FIGURES.single().value(), FIGURES.at().getFirst().pass().value(), TOLERANCE);
    }

    @Test
    void twoSamplesEqualHandComputation() {
        SampleFigures.AtK two = FIGURES.at().get(1);
        // a: {0,1} first 7 right, {0,2} right, {0,3} right, {1,2} wrong, {1,3} first 3 wrong, {2,3} wrong: 3 of 6.
        // b: 2 7 - 7: {0,1} first 2 wrong, {0,2} wrong, {0,3} wrong, {1,2} right, {1,3} right, {2,3} right: 3 of 6.
        // c: never.
        assertEquals(1.0 / 3, two.vote().value(), TOLERANCE);
        // 1 - C(2, 2) / C(4, 2) = 5 / 6 for a and b, 0 for c.
        assertEquals(5.0 / 9, two.pass().value(), TOLERANCE);
    }

    @Test
    void withAllSamplesEachQuestionIsRightOrNot() {
        SampleFigures.AtK all = FIGURES.at().get(2);
        // a: two 7 and two 3, 7 came first. b: two 7 against one 2. c: 4.
        assertEquals(Estimate.wilson(2, 3), all.vote());
        assertEquals(Estimate.wilson(2, 3), all.pass());
        assertEquals(Map.of("a", true, "b", true, "c", false), FIGURES.voted());
    }

    @Test
    void answersThatCouldBeRead() {
        // 4, 3 and 1 of 4.
        assertEquals(8.0 / 12, FIGURES.answered(), TOLERANCE);
        assertEquals(0, FIGURES.failed());
    }

    @Test
    void sameSeedSameFigures() {
        assertEquals(FIGURES, SampleFigures.of(QUESTIONS, List.of(1, 2, 4), SEED));
    }

    @Test
    void usualNumbersEndWithAll() {
        assertEquals(List.of(1), SampleFigures.usual(1));
        assertEquals(List.of(1, 2, 4, 8), SampleFigures.usual(8));
        assertEquals(List.of(1, 2, 4, 8, 16, 32, 64, 100), SampleFigures.usual(100));
    }
}
