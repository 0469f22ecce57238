package org.reft4j.train.measure;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.reft4j.train.rollout.AnswerKind;

/**
 * Choosing among completions of one question by a reward model (Cobbe et al. 2021, arXiv:2110.14168; ReFT, section 4.4): the one with
 * the highest score among those with an answer. What could not be read is never chosen, nor is a multiple-choice answer of more than
 * one letter; among equals the one that was sampled first is. Immutable.
 */
public final class Reranking {
    private final MajorityVote votes;
    private final double[] scores;
    /** Completions with an answer, the best first. */
    private final int[] ranked;

    private Reranking(MajorityVote votes, double[] scores, int[] ranked) {
        this.votes = votes;
        this.scores = scores;
        this.ranked = ranked;
    }

    /**
     * @param kind kind of the question's answer
     * @param extracted each completion's answer, in the order of sampling; empty if none could be extracted
     * @param scores each completion's predicted probability of being right
     */
    public static Reranking of(AnswerKind kind, List<Optional<String>> extracted, double[] scores) {
        if (scores.length != extracted.size()) {
            throw new IllegalArgumentException(scores.length + " scores of " + extracted.size() + " completions");
        }
        MajorityVote votes = MajorityVote.of(kind, extracted);
        int[] ranked = IntStream.range(0, scores.length)
                .filter(i -> votes.valid(i) && (kind != AnswerKind.LETTER || alphabetic(extracted.get(i))))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                .mapToInt(i -> i)
                .toArray();
        return new Reranking(votes, scores.clone(), ranked);
    }

    /** The reference asks more of a letter here than where it counts votes. */
    private static boolean alphabetic(Optional<String> answer) {
        return answer.filter(letter -> Character.isLetter(letter.codePointAt(0)))
                .isPresent();
    }

    /** The completion that is chosen among all; empty if none has an answer. */
    public OptionalInt best() {
        return ranked.length == 0 ? OptionalInt.empty() : OptionalInt.of(ranked[0]);
    }

    /**
     * This question's rerank@k: the probability that the best-scored of {@code k} completions, drawn without replacement from all
     * {@code n}, is right. The completion of rank {@code r}, from 0, is chosen if it is drawn and the {@code r} better ones are not, with
     * probability {@code C(n-1-r, k-1) / C(n, k)}; no random draws are needed.
     *
     * @param correct for each completion, true if it is right
     * @param k from 1 to their number
     */
    public double share(boolean[] correct, int k) {
        int n = scores.length;
        if (k < 1 || k > n) {
            throw new IllegalArgumentException("rerank@" + k + " of " + n + " completions: expected 1 <= k <= n");
        }
        double chosen = (double) k / n;
        double right = 0;
        for (int r = 0; r < ranked.length; r++) {
            right += correct[ranked[r]] ? chosen : 0;
            // C(n-2-r, k-1) / C(n-1-r, k-1)
            chosen *= n - 1 - r == 0 ? 0 : (double) (n - k - r) / (n - 1 - r);
        }
        return right;
    }

    /** This question's weighted vote@k, with the scores as weights; see {@link MajorityVote#share}. */
    public double weightedShare(boolean[] correct, int k, SplittableRandom random) {
        return votes.share(correct, i -> scores[i], k, random);
    }
}
