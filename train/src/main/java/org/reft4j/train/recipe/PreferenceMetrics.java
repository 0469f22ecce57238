package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PreferenceLoss;

/** What is reported of a batch of pairs. Sums while its parts are added, means at the end. */
final class PreferenceMetrics {
    private final double beta;
    private int pairs;
    private double loss;
    private double difference;
    private int preferred;
    private double chosen;
    private double rejected;
    private double moved;
    private long tokens;

    PreferenceMetrics(double beta) {
        this.beta = beta;
    }

    /**
     * Adds a part.
     *
     * @param policy log-probabilities of the chosen and then of the rejected completions, [2 P]
     * @param reference the same under the frozen reference
     * @param lengths their tokens
     */
    void add(PreferenceLoss part, Tensor policy, Tensor reference, int[] lengths) {
        float[] now = Tensors.toFloats(policy.detach());
        float[] before = Tensors.toFloats(reference);
        int size = lengths.length / 2;
        for (float value : Tensors.toFloats(part.losses().detach())) {
            loss += value;
        }
        for (float value : Tensors.toFloats(part.logRatios().detach())) {
            difference += value;
            preferred += value > 0 ? 1 : 0;
        }
        for (int i = 0; i < lengths.length; i++) {
            chosen += i < size ? now[i] : 0;
            rejected += i < size ? 0 : now[i];
            moved += before[i] - now[i];
        }
        pairs += size;
        tokens += IntStream.of(lengths).asLongStream().sum();
    }

    /** The mean loss of a pair. */
    double loss() {
        return loss / pairs;
    }

    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss());
        values.put("margin", beta * difference / pairs);
        values.put("preference-accuracy", (double) preferred / pairs);
        values.put("logprob-chosen", chosen / pairs);
        values.put("logprob-rejected", rejected / pairs);
        values.put("kl-samples", moved / (2 * pairs));
        values.put("pairs", (double) pairs);
        values.put("tokens", (double) tokens);
        return values;
    }
}
