package org.reft4j.train.measure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.reft4j.ground.random.Seeds;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * Figures of one set of samples: accuracy of greedy and sampled answers, vote@k and pass@k.
 *
 * @param greedy share of questions whose greedy completion is right
 * @param single share of right samples, averaged over questions
 * @param at accuracy with {@code k} samples per question, by ascending {@code k}
 * @param answered share of samples from which an answer could be extracted
 * @param voted for each question's id, true if the majority answer of all samples is right
 * @param failed completions that could not be graded, which count as wrong
 */
public record SampleFigures(
        Estimate greedy, Estimate single, List<AtK> at, double answered, Map<String, Boolean> voted, long failed) {
    public SampleFigures {
        at = List.copyOf(at);
        voted = Map.copyOf(voted);
    }

    /**
     * Figures with {@code k} samples per question.
     *
     * @param vote vote@k: the share of questions whose majority answer is right
     * @param pass pass@k: the share of questions with at least one right sample
     */
    public record AtK(int k, Estimate vote, Estimate pass) {}

    /**
     * @param questions at least one, each with equally many samples
     * @param ks ascending; between 1 and the number of samples
     * @param seed seed of the random subsets and of the intervals
     */
    public static SampleFigures of(List<SampledQuestion> questions, List<Integer> ks, long seed) {
        int samples = questions.getFirst().samples().size();
        List<Tally> tallies = questions.stream().map(Tally::new).toList();
        long right = questions.stream().filter(each -> each.greedy().right()).count();
        double[] shares = tallies.stream().mapToDouble(Tally::share).toArray();
        List<AtK> at = new ArrayList<>();
        for (int k : ks) {
            double[] votes = votes(tallies, k, seed);
            double[] passes =
                    tallies.stream().mapToDouble(tally -> tally.pass(k)).toArray();
            at.add(new AtK(k, estimate(votes, k == samples, seed), estimate(passes, k == samples, seed)));
        }
        return new SampleFigures(
                Estimate.wilson((int) right, questions.size()),
                estimate(shares, samples == 1, seed),
                at,
                tallies.stream().mapToDouble(Tally::answered).average().orElseThrow(),
                outcomes(questions, votes(tallies, samples, seed)),
                questions.stream()
                        .flatMap(SampledQuestion::all)
                        .filter(KeptRollout::failed)
                        .count());
    }

    private static double[] votes(List<Tally> tallies, int k, long seed) {
        SplittableRandom random = Seeds.stream(seed);
        return tallies.stream().mapToDouble(tally -> tally.vote(k, random)).toArray();
    }

    /** @param shares for each question, 1 if the choice among all of its samples is right */
    static Map<String, Boolean> outcomes(List<SampledQuestion> questions, double[] shares) {
        Map<String, Boolean> outcomes = new HashMap<>();
        for (int q = 0; q < shares.length; q++) {
            outcomes.put(questions.get(q).greedy().questionId(), shares[q] == 1);
        }
        return outcomes;
    }

    /** 1, 2, 4, … and the number of samples. */
    public static List<Integer> usual(int samples) {
        return Stream.concat(Stream.iterate(1, k -> k < samples, k -> 2 * k), Stream.of(samples))
                .toList();
    }

    /** @param whole true if every share is 0 or 1, because all samples of a question were used */
    static Estimate estimate(double[] shares, boolean whole, long seed) {
        if (!whole) {
            return Estimate.bootstrap(shares, seed);
        }
        int right = 0;
        for (double share : shares) {
            right += share == 1 ? 1 : 0;
        }
        return Estimate.wilson(right, shares.length);
    }

    /** A question's samples, counted. */
    private static final class Tally {
        private final MajorityVote vote;
        private final boolean[] correct;
        private final int right;
        private final double answered;

        private Tally(SampledQuestion question) {
            List<KeptRollout> samples = question.samples();
            vote = MajorityVote.of(
                    question.kind(),
                    samples.stream().map(KeptRollout::extracted).toList());
            correct = new boolean[samples.size()];
            int count = 0;
            int read = 0;
            for (int i = 0; i < correct.length; i++) {
                correct[i] = samples.get(i).right();
                count += correct[i] ? 1 : 0;
                read += samples.get(i).extracted().isPresent() ? 1 : 0;
            }
            right = count;
            answered = (double) read / correct.length;
        }

        private double share() {
            return (double) right / correct.length;
        }

        private double answered() {
            return answered;
        }

        private double pass(int k) {
            return PassAtK.estimate(correct.length, right, k);
        }

        private double vote(int k, SplittableRandom random) {
            return vote.share(correct, k, random);
        }
    }
}
