package org.reft4j.train.algorithm;

import java.util.DoubleSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import org.reft4j.train.rollout.KeptRollout;

/** The figures of sampling before training, by the names that docs/algorithms/self-training.md explains. */
final class SampleMetrics {
    private final Map<String, Double> sums = new TreeMap<>();
    private final Map<String, DoubleSummaryStatistics> parts = new TreeMap<>();
    private long samples;
    private long graded;
    private long questions;

    /**
     * A question with its samples.
     *
     * @param different number of different right chains of thought among them
     */
    void add(Iterable<KeptRollout> ofQuestion, int different) {
        for (KeptRollout sample : ofQuestion) {
            samples++;
            graded += Double.isNaN(sample.reward()) ? 0 : 1;
            sum("reward", Double.isNaN(sample.reward()) ? 0 : sample.reward());
            sum("tokens", sample.tokens());
            sum(graded(sample), 1);
            sum(sample.stop(), 1);
            sum("right-cut-off", sample.right() && RoundSamples.isCutOff(sample) ? 1 : 0);
            sample.parts().forEach((name, score) -> part(name, score));
        }
        questions++;
        sum("right", different);
        sum("solved", different > 0 ? 1 : 0);
    }

    Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        values.put("reward", sum("reward") / Math.max(1, graded));
        values.put("length-mean", share("tokens"));
        values.put("score-correct", share("correct"));
        values.put("score-wrong", share("wrong"));
        values.put("score-no-answer", share("no-answer"));
        values.put("failed", share("failed"));
        values.put("truncated", share("length"));
        values.put("right-cut-off", sum("right-cut-off"));
        values.put("distinct-correct", sum("right"));
        values.put("distinct-correct-per-question", sum("right") / Math.max(1, sum("solved")));
        values.put("solved", sum("solved") / Math.max(1, questions));
        parts.forEach((name, sum) -> values.put("grade/" + name, sum.getAverage()));
        return values;
    }

    /** Right or wrong for a score too. */
    private static String graded(KeptRollout sample) {
        String grade = sample.grade();
        return sample.right() ? "correct" : grade.equals("scored") ? "wrong" : grade;
    }

    private void part(String name, double score) {
        parts.computeIfAbsent(name, _ -> new DoubleSummaryStatistics()).accept(score);
    }

    /** Completion tokens of all samples. */
    double tokens() {
        return sum("tokens");
    }

    private double share(String name) {
        return sum(name) / Math.max(1, samples);
    }

    private double sum(String name) {
        return sums.getOrDefault(name, 0.0);
    }

    private void sum(String name, double value) {
        sums.merge(name, value, Double::sum);
    }
}
