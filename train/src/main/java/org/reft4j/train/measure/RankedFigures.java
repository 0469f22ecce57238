package org.reft4j.train.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.reft4j.ground.random.Seeds;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * Figures of a reward model on one set of samples.
 *
 * @param at accuracy with {@code k} samples per question, by ascending {@code k}
 * @param reranked for each question's id, true if the sample with the highest score is right
 * @param classifier quality of the scores as a classifier of right samples, without those that could not be graded
 */
public record RankedFigures(List<AtK> at, Map<String, Boolean> reranked, BinaryMetrics classifier) {
    public RankedFigures {
        at = List.copyOf(at);
        reranked = Map.copyOf(reranked);
    }

    /**
     * Figures with {@code k} samples per question.
     *
     * @param rerank rerank@k: the share of questions for which the sample with the highest score is right
     * @param weighted weighted vote@k: the share of questions for which the answer with the highest sum of scores is right
     */
    public record AtK(int k, Estimate rerank, Estimate weighted) {}

    /**
     * @param questions at least one, each with equally many samples
     * @param scores scores of each question's samples, without the greedy completion
     * @param ks ascending; between 1 and the number of samples
     * @param seed seed of the random subsets and of the intervals
     */
    public static RankedFigures of(
            List<SampledQuestion> questions, List<double[]> scores, List<Integer> ks, long seed) {
        int samples = questions.getFirst().samples().size();
        List<Reranking> rankings = new ArrayList<>();
        List<boolean[]> correct = new ArrayList<>();
        List<List<BinaryMetrics.Judged>> judged = new ArrayList<>();
        for (int q = 0; q < questions.size(); q++) {
            SampledQuestion question = questions.get(q);
            boolean[] right = new boolean[samples];
            List<BinaryMetrics.Judged> ofQuestion = new ArrayList<>();
            for (int i = 0; i < samples; i++) {
                KeptRollout sample = question.samples().get(i);
                right[i] = sample.right();
                if (!sample.failed()) {
                    ofQuestion.add(new BinaryMetrics.Judged(scores.get(q)[i], right[i] ? 1 : 0));
                }
            }
            judged.add(ofQuestion);
            correct.add(right);
            rankings.add(Reranking.of(
                    question.kind(),
                    question.samples().stream().map(KeptRollout::extracted).toList(),
                    scores.get(q)));
        }
        List<AtK> at = new ArrayList<>();
        for (int k : ks) {
            SplittableRandom random = Seeds.stream(seed);
            double[] best = best(rankings, correct, k);
            double[] weighted = new double[questions.size()];
            for (int q = 0; q < best.length; q++) {
                weighted[q] = rankings.get(q).weightedShare(correct.get(q), k, random);
            }
            at.add(new AtK(
                    k,
                    SampleFigures.estimate(best, k == samples, seed),
                    SampleFigures.estimate(weighted, k == samples, seed)));
        }
        return new RankedFigures(
                at, SampleFigures.outcomes(questions, best(rankings, correct, samples)), BinaryMetrics.of(judged));
    }

    private static double[] best(List<Reranking> rankings, List<boolean[]> correct, int k) {
        return IntStream.range(0, rankings.size())
                .mapToDouble(q -> rankings.get(q).share(correct.get(q), k))
                .toArray();
    }
}
