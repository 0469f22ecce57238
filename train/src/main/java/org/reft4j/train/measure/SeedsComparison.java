package org.reft4j.train.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;

/**
 * Two ways of training on the same questions, each with the same seeds: by how much the second is better.
 *
 * @param gain accuracy of the second minus that of the first, averaged over seeds and questions, in [-1, 1]
 * @param low lower end of its 95 % interval
 * @param high upper end
 * @param p two-sided p-value of no difference
 * @param bySeed the gain with each seed, and Student's interval of their mean, which estimates the gain with other seeds
 * @param method method of interval and p, in words
 */
public record SeedsComparison(double gain, double low, double high, double p, SeedMean bySeed, String method) {
    private static final int RESAMPLES = 4000;
    private static final int ENOUGH_SEEDS = 5;
    private static final double ALPHA = 0.05;
    private static final long SEED = 42;

    /**
     * With one seed it is {@link PairedComparison}: McNemar's exact test. With several, seeds and questions are drawn anew with
     * replacement, both at once, 4,000 times (the pigeonhole bootstrap, Owen 2007); the interval holds the middle 95 % of the gains, and p
     * is twice the smaller share of gains on one side of zero, each share with one more draw counted (Davison and Hinkley 1997, section
     * 4.2). Where seeds differ by more than their questions explain, few seeds make it too sure of itself: read it with {@code bySeed}.
     *
     * @param first by seed: whether each question is answered right, by its id
     * @param second by seed, in the same order
     * @throws IllegalArgumentException if the two do not have the same seeds and questions
     */
    public static SeedsComparison of(List<Map<String, Boolean>> first, List<Map<String, Boolean>> second) {
        if (first.isEmpty() || first.size() != second.size()) {
            throw new IllegalArgumentException("the two do not have the same seeds");
        }
        if (first.size() == 1) {
            PairedComparison pair = PairedComparison.of(first.getFirst(), second.getFirst());
            return new SeedsComparison(
                    pair.gain(),
                    pair.low(),
                    pair.high(),
                    pair.p(),
                    SeedMean.of(List.of(pair.gain())),
                    "McNemar, exact");
        }
        return of(differences(first, second));
    }

    /** @param differences [seeds, questions], each -1, 0 or 1 */
    static SeedsComparison of(int[][] differences) {
        int seeds = differences.length;
        int questions = differences[0].length;
        SplittableRandom random = Seeds.stream(SEED);
        double[] gains = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            int[] drawn = random.ints(questions, 0, questions).toArray();
            double sum = 0;
            for (int s = 0; s < seeds; s++) {
                int[] row = differences[random.nextInt(seeds)];
                for (int question : drawn) {
                    sum += row[question];
                }
            }
            gains[r] = sum / seeds / questions;
        }
        Arrays.sort(gains);
        int tail = (int) (RESAMPLES * ALPHA / 2);
        double gain = Arrays.stream(differences)
                .flatMapToInt(Arrays::stream)
                .average()
                .orElseThrow();
        double below = (1 + Arrays.stream(gains).filter(g -> g <= 0).count()) / (RESAMPLES + 1.0);
        double above = (1 + Arrays.stream(gains).filter(g -> g >= 0).count()) / (RESAMPLES + 1.0);
        return new SeedsComparison(
                gain,
                gains[tail],
                gains[RESAMPLES - 1 - tail],
                Math.min(1, 2 * Math.min(below, above)),
                SeedMean.of(Arrays.stream(differences)
                        .map(row -> Arrays.stream(row).average().orElseThrow())
                        .toList()),
                "bootstrap over seeds and questions");
    }

    /**
     * The p-value that multiple comparisons are corrected from. With fewer than five seeds the bootstrap rejects too often if seeds differ
     * by several points (with two seeds, 10 to 16 % of equal pairs at 0.05), so this is the larger of its p and that of Student's test over
     * the seeds' gains.
     */
    public double cautiousP() {
        int seeds = bySeed.values().size();
        return seeds < 2 || seeds >= ENOUGH_SEEDS ? p : Math.max(p, bySeed.p());
    }

    private static int[][] differences(List<Map<String, Boolean>> first, List<Map<String, Boolean>> second) {
        List<String> questions = List.copyOf(first.getFirst().keySet());
        int[][] differences = new int[first.size()][];
        for (int s = 0; s < first.size(); s++) {
            Map<String, Boolean> before = first.get(s);
            Map<String, Boolean> after = second.get(s);
            if (questions.isEmpty()
                    || !before.keySet().equals(Set.copyOf(questions))
                    || !after.keySet().equals(before.keySet())) {
                throw new IllegalArgumentException("the answers are not of the same questions");
            }
            differences[s] = questions.stream()
                    .mapToInt(id -> number(after, id) - number(before, id))
                    .toArray();
        }
        return differences;
    }

    private static int number(Map<String, Boolean> correct, String id) {
        return correct.getOrDefault(id, false) ? 1 : 0;
    }
}
