package org.reft4j.train.measure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.reft4j.train.rollout.AnswerKind;

/**
 * Majority voting over completions of one question (self-consistency, Wang et al. 2022, arXiv:2203.11171), counted as the ReFT reference
 * code does: each answer as it was extracted, without tolerance; what could not be read does not vote; among equals the answer that came
 * first wins. Immutable.
 */
public final class MajorityVote {
    private static final int NONE = -1;
    /** Votes counted for one question where there are more ways to choose the voters. */
    private static final int COUNTED = 1000;

    /** The number of each completion's answer among the different answers, {@link #NONE} where there is none. */
    private final int[] answers;

    private final int different;

    private MajorityVote(int[] answers, int different) {
        this.answers = answers;
        this.different = different;
    }

    /**
     * @param kind kind of the question's answer
     * @param extracted each completion's answer, in the order of sampling; empty if none could be extracted
     */
    public static MajorityVote of(AnswerKind kind, List<Optional<String>> extracted) {
        Map<Object, Integer> numbers = new HashMap<>();
        int[] answers = extracted.stream()
                .mapToInt(answer -> answer.flatMap(kind::key)
                        .map(key -> numbers.computeIfAbsent(key, _ -> numbers.size()))
                        .orElse(NONE))
                .toArray();
        return new MajorityVote(answers, numbers.size());
    }

    /** The first completion that gave the answer of most; empty if none could be read. */
    public OptionalInt winner() {
        return winner(IntStream.range(0, answers.length).toArray());
    }

    /**
     * The vote of some of the completions.
     *
     * @param voters numbers of completions, ascending
     * @return the first of them that gave the answer of most; empty if none could be read
     */
    public OptionalInt winner(int... voters) {
        return winner(_ -> 1, voters);
    }

    /**
     * The weighted vote of some of the completions: an answer has the sum of the weights of those that gave it (Li et al. 2022,
     * arXiv:2206.02336).
     *
     * @param weight weight of a completion, by its number; not negative
     * @param voters numbers of completions, ascending
     * @return the first completion with the answer of the highest sum; empty if no answer could be extracted
     */
    public OptionalInt winner(IntToDoubleFunction weight, int... voters) {
        double[] votes = new double[different];
        for (int voter : voters) {
            if (answers[voter] != NONE) {
                votes[answers[voter]] += weight.applyAsDouble(voter);
            }
        }
        int winner = NONE;
        for (int voter : voters) {
            int answer = answers[voter];
            if (answer != NONE && (winner == NONE || votes[answer] > votes[answers[winner]])) {
                winner = voter;
            }
        }
        return winner == NONE ? OptionalInt.empty() : OptionalInt.of(winner);
    }

    /** True if a completion has an answer that can be voted for. */
    boolean valid(int completion) {
        return answers[completion] != NONE;
    }

    /**
     * This question's vote@k: the share of subsets of {@code k} completions whose vote is right. Computed over all subsets if there are at
     * most 1,000, else over 1,000 random ones.
     *
     * @param correct for each completion, true if it is right
     * @param k from 1 to their number
     */
    public double share(boolean[] correct, int k, SplittableRandom random) {
        return share(correct, _ -> 1, k, random);
    }

    /** The same of the weighted vote. */
    public double share(boolean[] correct, IntToDoubleFunction weight, int k, SplittableRandom random) {
        List<int[]> choices = Subsets.of(answers.length, k, COUNTED, random);
        long right = choices.stream()
                .map(voters -> winner(weight, voters))
                .filter(winner -> winner.isPresent() && correct[winner.getAsInt()])
                .count();
        return (double) right / choices.size();
    }
}
