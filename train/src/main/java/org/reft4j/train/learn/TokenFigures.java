package org.reft4j.train.learn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Distances of the policy from its reference and from the sampler's probabilities, over the completion tokens of a step;
 * docs/algorithms/reft.md explains the metrics. The k1, k2 and k3 estimators of the KL divergence are Schulman's (2020), per token.
 */
final class TokenFigures {
    /** All but one token in a thousand: rounding in bfloat16 moves an unlikely one by more than any bound. */
    private static final double MOST = 0.999;

    private final Sums logprob = new Sums();
    private final Sums k1 = new Sums();
    private final Sums k2 = new Sums();
    private final Sums k3 = new Sums();
    private final Sums sequence = new Sums();
    private final Sums gap = new Sums();
    private final List<Double> gaps = new ArrayList<>();

    /**
     * Adds a completion.
     *
     * @param logprobs log-probabilities of its tokens under the policy
     * @param reference the same under the reference, if there is one
     * @param sampling the sampler's log-probabilities, at its temperature
     */
    void add(float[] logprobs, float @Nullable [] reference, float[] sampling) {
        double kl = 0;
        for (int t = 0; t < logprobs.length; t++) {
            logprob.add(logprobs[t]);
            double difference = Math.abs(logprobs[t] - sampling[t]);
            gap.add(difference);
            gaps.add(difference);
            if (reference != null) {
                double ratio = logprobs[t] - reference[t];
                kl += ratio;
                k1.add(ratio);
                k2.add(ratio * ratio / 2);
                k3.add(Math.exp(-ratio) - 1 + ratio);
            }
        }
        sequence.add(kl);
    }

    /** Distance to the reference. */
    Map<String, Double> kl() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("kl-sequence", sequence.mean());
        values.put("kl-k1", k1.mean());
        values.put("kl-k2", k2.mean());
        values.put("kl-k3", k3.mean());
        return values;
    }

    /** The policy's certainty, and the difference between the log-probabilities of training and of sampling. */
    Map<String, Double> certainty() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("entropy", -logprob.mean());
        values.put("logprob-mean", logprob.mean());
        double[] sorted = gaps.stream().mapToDouble(each -> each).sorted().toArray();
        values.put("logprob-gap-max", quantile(sorted, 1));
        values.put("logprob-gap-p999", quantile(sorted, MOST));
        values.put("logprob-gap-mean", gap.mean());
        return values;
    }

    /** A quantile: this share of the numbers is at or below it; 0 without numbers. */
    private static double quantile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(sorted.length * share) - 1];
    }
}
