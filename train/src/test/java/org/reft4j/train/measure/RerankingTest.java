package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.reft4j.task.grade.StepAggregate;
import org.reft4j.train.rollout.AnswerKind;

class RerankingTest {
    private static final double TOLERANCE = 1e-12;

    /** A dash where nothing could be read. */
    private static Reranking ranking(AnswerKind kind, double[] scores, String... answers) {
        return Reranking.of(kind, extracted(answers), scores);
    }

    private static List<Optional<String>> extracted(String... answers) {
        return Arrays.stream(answers)
                .map(answer -> answer.equals("-") ? Optional.<String>empty() : Optional.of(answer))
                .toList();
    }

    private static double[] scores(double... scores) {
        return scores;
    }

    @Test
    void theHighestScoreAmongThoseWithAnAnswerIsChosen() {
        assertEquals(
                OptionalInt.of(2),
                ranking(AnswerKind.NUMBER, scores(0.99, 0.2, 0.7, 0.6), "-", "5.0", "7.0", "5.0")
                        .best());
        assertEquals(
                OptionalInt.empty(),
                ranking(AnswerKind.NUMBER, scores(0.9, 0.8), "-", "nan").best());
    }

    @Test
    void amongEqualsTheFirstIsChosen() {
        assertEquals(
                OptionalInt.of(1),
                ranking(AnswerKind.NUMBER, scores(0.1, 0.7, 0.7), "5.0", "6.0", "7.0")
                        .best());
    }

    @Test
    void ofMultipleChoiceOnlyOneLetterCounts() {
        assertEquals(
                OptionalInt.of(1),
                ranking(AnswerKind.LETTER, scores(0.9, 0.3), "5", "C").best(),
                "a digit is one character and no letter");
        assertEquals(
                OptionalInt.of(1),
                ranking(AnswerKind.LETTER, scores(0.9, 0.3, 0.8), "AB", "C", "").best());
    }

    @Test
    void sharesEqualHandComputation() {
        // The best has no answer; then a wrong one, two right ones.
        Reranking ranking = ranking(AnswerKind.NUMBER, scores(0.9, 0.8, 0.5, 0.3), "-", "5.0", "7.0", "7.0");
        boolean[] correct = {false, false, true, true};
        // One of four: two are right.
        assertEquals(0.5, ranking.share(correct, 1), TOLERANCE);
        // Six pairs: {0,1} {1,2} {1,3} choose the wrong one; {0,2} {2,3} and {0,3} a right one.
        assertEquals(0.5, ranking.share(correct, 2), TOLERANCE);
        // Only one of four triples, {0,2,3}, lacks the wrong one.
        assertEquals(0.25, ranking.share(correct, 3), TOLERANCE);
        assertEquals(0, ranking.share(correct, 4), TOLERANCE);
        assertThrows(IllegalArgumentException.class, () -> ranking.share(correct, 5));
    }

    @Test
    void sharesEqualCountingAllChoices() {
        double[] scores = {0.3, 0.9, 0.3, 0.1, 0.7, 0.5, 0.6};
        String[] answers = {"1", "-", "2", "1", "3", "-", "1"};
        boolean[] correct = {true, false, false, true, false, false, true};
        Reranking ranking = ranking(AnswerKind.NUMBER, scores, answers);
        for (int k = 1; k <= scores.length; k++) {
            List<int[]> choices = Subsets.of(scores.length, k, 1000, new SplittableRandom(1));
            int right = 0;
            for (int[] choice : choices) {
                int best = -1;
                for (int i : choice) {
                    if (!answers[i].equals("-") && (best < 0 || scores[i] > scores[best])) {
                        best = i;
                    }
                }
                right += best >= 0 && correct[best] ? 1 : 0;
            }
            assertEquals((double) right / choices.size(), ranking.share(correct, k), TOLERANCE, "k " + k);
        }
    }

    @Test
    void aWeightedVoteSumsTheScoresOfAnAnswer() {
        String[] answers = {"5.0", "7.0", "7.0", "-"};
        MajorityVote votes = MajorityVote.of(AnswerKind.NUMBER, extracted(answers));
        double[] weights = {0.9, 0.4, 0.4, 1};
        assertEquals(OptionalInt.of(1), votes.winner());
        // 0.9 for 5 against 0.8 for 7; what could not be read has no vote, whatever its score.
        assertEquals(OptionalInt.of(0), votes.winner(i -> weights[i], 0, 1, 2, 3));
        // 0.5 for each: the answer that was sampled first wins.
        double[] equal = {0.5, 0.25, 0.25, 1};
        assertEquals(OptionalInt.of(0), votes.winner(i -> equal[i], 0, 1, 2, 3));
        assertEquals(
                1,
                ranking(AnswerKind.NUMBER, weights, answers)
                        .weightedShare(new boolean[] {true, false, false, false}, 4, new SplittableRandom(1)));
    }

    @Test
    void scoresOfStepsBecomeOne() {
        List<Double> steps = List.of(0.9, 0.5, 0.8);
        assertEquals(0.5, StepAggregate.MIN.of(steps));
        assertEquals(0.36, StepAggregate.PRODUCT.of(steps), TOLERANCE);
        assertEquals(0.8, StepAggregate.LAST.of(steps));
        for (StepAggregate how : StepAggregate.values()) {
            assertEquals(0, how.of(List.of()), "no steps: nothing was said");
            assertEquals(0.3, how.of(List.of(0.3)), "an outcome");
        }
    }
}
