package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.reft4j.train.rollout.AnswerKind;

class MajorityVoteTest {
    /** A dash where nothing could be read. */
    private static MajorityVote vote(AnswerKind kind, String... answers) {
        List<Optional<String>> extracted = Arrays.stream(answers)
                .map(answer -> answer.equals("-") ? Optional.<String>empty() : Optional.of(answer))
                .toList();
        return MajorityVote.of(kind, extracted);
    }

    private static SplittableRandom random() {
        return new SplittableRandom(7);
    }

    @Test
    void mostVotesWin() {
        assertEquals(
                OptionalInt.of(1),
                vote(AnswerKind.NUMBER, "3.0", "5.0", "5.0", "4.0").winner());
    }

    @Test
    void amongEqualsTheAnswerThatCameFirstWins() {
        // 4 and 7 have two votes each; 7 had both votes earlier, but 4 was sampled earlier.
        assertEquals(
                OptionalInt.of(0),
                vote(AnswerKind.NUMBER, "4.0", "7.0", "7.0", "4.0", "9.0").winner());
    }

    @Test
    void whatCannotBeReadDoesNotVote() {
        assertEquals(
                OptionalInt.of(3), vote(AnswerKind.NUMBER, "-", "-", "-", "8.0").winner());
        assertEquals(OptionalInt.empty(), vote(AnswerKind.NUMBER, "-", "-").winner());
        // Not a number equals nothing: no majority of three.
        assertEquals(
                OptionalInt.of(3),
                vote(AnswerKind.NUMBER, "nan", "nan", "nan", "8.0").winner());
    }

    @Test
    void numbersAreEqualByValueAndWithoutTolerance() {
        // 7 and 7.0 are one answer with two votes, as are the two zeros.
        assertEquals(
                OptionalInt.of(1), vote(AnswerKind.NUMBER, "3.0", "7.0", "7").winner());
        assertEquals(
                OptionalInt.of(1), vote(AnswerKind.NUMBER, "3.0", "0.0", "-0.0").winner());
        // 7.001 would pass for 7 where it is compared with the target; here it is another answer.
        assertEquals(
                OptionalInt.of(0),
                vote(AnswerKind.NUMBER, "3.0", "7.0", "7.001").winner());
    }

    @Test
    void longerThanOneLetterIsNoChoice() {
        assertEquals(
                OptionalInt.of(3),
                vote(AnswerKind.LETTER, "none", "none", "", "c", "b").winner());
    }

    @Test
    void textsAreEqualToTheLetter() {
        assertEquals(
                OptionalInt.of(1), vote(AnswerKind.TEXT, "Rome", "rome", "rome").winner());
        assertEquals(OptionalInt.of(1), vote(AnswerKind.TEXT, "7", "7.0", "7.0").winner());
    }

    @Test
    void votersAreAPart() {
        MajorityVote vote = vote(AnswerKind.NUMBER, "1", "2", "2", "1", "1");
        assertEquals(OptionalInt.of(0), vote.winner());
        assertEquals(OptionalInt.of(1), vote.winner(1, 2, 3));
    }

    @Test
    void shareCountsEveryChoiceOfVoters() {
        // Answers 5 (right), 3, 5 (right), 3. Pairs: {0,1} tie, 5 came first: right. {0,2} right. {0,3} right.
        // {1,2} tie, 3 came first: wrong. {1,3} wrong. {2,3} tie, 5 came first: right. 4 of 6.
        MajorityVote vote = vote(AnswerKind.NUMBER, "5", "3", "5", "3");
        boolean[] correct = {true, false, true, false};
        assertEquals(4.0 / 6, vote.share(correct, 2, random()), 1e-12);
        // One voter: the share of right completions. All voters: a tie that 5 wins.
        assertEquals(0.5, vote.share(correct, 1, random()), 1e-12);
        assertEquals(1, vote.share(correct, 4, random()), 1e-12);
    }

    @Test
    void manyChoicesAreDrawnWithTheSeed() {
        // 40 completions, every second one right, 20 voters: about 1.4e11 choices, of which a part is counted.
        String[] answers = new String[40];
        boolean[] correct = new boolean[40];
        for (int i = 0; i < 40; i++) {
            correct[i] = i % 2 == 0;
            answers[i] = correct[i] ? "1" : "2";
        }
        double share = vote(AnswerKind.NUMBER, answers).share(correct, 20, random());
        assertEquals(share, vote(AnswerKind.NUMBER, answers).share(correct, 20, random()));
        // Symmetric but for ties, which the earlier answer takes: near one half, within 5 standard errors of 1,000
        // draws.
        assertEquals(0.5, share, 5 * Math.sqrt(0.25 / 1000));
    }

    @Test
    void nobodyToVoteIsWrong() {
        assertEquals(0, vote(AnswerKind.NUMBER, "-", "-").share(new boolean[2], 1, random()));
    }
}
