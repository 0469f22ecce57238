package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeedsComparisonTest {
    private static final double EXACT = 1e-12;

    /** Ten questions: only the second right on 6, only the first on none. Exact McNemar: 2 / 2^6 = 0.03125. */
    @Test
    void oneSeedIsMcNemar() {
        SeedsComparison found = SeedsComparison.of(List.of(answers("0000000000")), List.of(answers("1111110000")));
        assertEquals(0.6, found.gain(), EXACT);
        assertEquals(0.03125, found.p(), EXACT);
        assertEquals("McNemar, exact", found.method());
    }

    /** If every difference is 1, every resample gives 1: the interval is a point, and p the smallest possible, 2 / 4001. */
    @Test
    void allTheSame() {
        SeedsComparison found =
                SeedsComparison.of(List.of(answers("000"), answers("000")), List.of(answers("111"), answers("111")));
        assertEquals(1, found.gain(), EXACT);
        assertEquals(1, found.low(), EXACT);
        assertEquals(1, found.high(), EXACT);
        assertEquals(2 / 4001.0, found.p(), EXACT);
    }

    /** Two seeds that say the opposite: both drawn alike with probability 1/4 each, so the gains are -1, 0 and 1 as 1 : 2 : 1. */
    @Test
    void seedsAreDrawnToo() {
        SeedsComparison found = SeedsComparison.of(new int[][] {{1, 1}, {-1, -1}});
        assertEquals(0, found.gain(), EXACT);
        assertEquals(-1, found.low(), EXACT);
        assertEquals(1, found.high(), EXACT);
        assertEquals(1, found.p(), EXACT);
    }

    /** One seed's worth of questions, half better: the standard error of the mean of 100 draws of 0 or 1 is 0.05. */
    @Test
    void questionsAreDrawnToo() {
        int[] row = new int[100];
        for (int i = 0; i < 50; i++) {
            row[i] = 1;
        }
        SeedsComparison found = SeedsComparison.of(new int[][] {row, row});
        assertEquals(0.5, found.gain(), EXACT);
        assertEquals(0.5 - 1.96 * 0.05, found.low(), 0.015);
        assertEquals(0.5 + 1.96 * 0.05, found.high(), 0.015);
    }

    /**
     * Gains of 0.1, 0.2 and 0.6 on 100 questions: mean 0.3, standard deviation 0.264575, t of 2 degrees of freedom 4.302653, and so
     * ± 4.302653 * 0.264575 / sqrt(3) = ± 0.657242. The bootstrap cannot leave what the seeds span but for its questions.
     */
    @Test
    void seedsThatDifferMuchSayLittleOfOthers() {
        SeedsComparison found = SeedsComparison.of(new int[][] {better(10), better(20), better(60)});
        assertEquals(0.3, found.gain(), EXACT);
        assertEquals(List.of(0.1, 0.2, 0.6), found.bySeed().values());
        assertEquals(0.3 - 0.657242, found.bySeed().low(), 1e-6);
        assertEquals(0.3 + 0.657242, found.bySeed().high(), 1e-6);
        assertTrue(found.low() > 0, "the bootstrap alone leaves out 0: " + found);
    }

    /**
     * Two seeds with gains of 0.04 and 0.10 on 100 questions: mean 0.07, standard deviation 0.0424264, t = 0.07 / (0.0424264 / sqrt 2) = 2.3333;
     * with one degree of freedom p = 1 - 2 atan(2.3333) / pi = 0.2578. The bootstrap says less than 0.05, and counts from five seeds on.
     */
    @Test
    void fewSeedsAreHeldAgainstStudent() {
        SeedsComparison two = SeedsComparison.of(new int[][] {better(4), better(10)});
        assertTrue(two.p() < 0.05, two::toString);
        assertEquals(1 - 2 * Math.atan(7.0 / 3) / Math.PI, two.cautiousP(), 1e-9);
        SeedsComparison five =
                SeedsComparison.of(new int[][] {better(4), better(10), better(4), better(10), better(7)});
        assertEquals(five.p(), five.cautiousP(), EXACT);
        SeedsComparison equal = SeedsComparison.of(new int[][] {better(10), better(10)});
        assertEquals(equal.p(), equal.cautiousP(), EXACT, "seeds that do not differ give no scale");
        SeedsComparison one = SeedsComparison.of(List.of(answers("0000")), List.of(answers("1111")));
        assertEquals(one.p(), one.cautiousP(), EXACT);
    }

    private static int[] better(int questions) {
        int[] row = new int[100];
        Arrays.fill(row, 0, questions, 1);
        return row;
    }

    @Test
    void refusesOtherQuestionsAndSeeds() {
        assertThrows(
                IllegalArgumentException.class,
                () -> SeedsComparison.of(List.of(answers("00")), List.of(answers("00"), answers("00"))));
        assertThrows(
                IllegalArgumentException.class,
                () -> SeedsComparison.of(
                        List.of(answers("00"), answers("00")), List.of(answers("00"), answers("000"))));
        assertTrue(SeedsComparison.of(List.of(answers("01")), List.of(answers("01")))
                        .p()
                == 1);
    }

    private static Map<String, Boolean> answers(String right) {
        List<Evaluation.Answered> answers = new ArrayList<>();
        for (int i = 0; i < right.length(); i++) {
            boolean correct = right.charAt(i) == '1';
            answers.add(new Evaluation.Answered(
                    "q" + i, "?", "1", "1", correct ? "correct" : "wrong", "1", correct, "end", correct ? 1 : 0));
        }
        return new Evaluation(answers, 0, 0).outcomes();
    }
}
