package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.loss.SequenceSums;

/** The cross-entropy of rows, each times its weight, divided by the number of all their completion tokens; in nats per token. */
final class WeightedCrossEntropy implements Loss<Double> {
    private final int[] lengths;
    private final double[] weights;
    private final int labels;
    private double sum;

    /** @param weights the weights of the rows */
    WeightedCrossEntropy(List<Row> rows, double[] weights) {
        this.lengths = rows.stream().mapToInt(row -> row.completion().size()).toArray();
        this.weights = weights.clone();
        this.labels = Arrays.stream(lengths).sum();
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        float[] factors = new float[items.length];
        for (int i = 0; i < items.length; i++) {
            factors[i] = (float) (-weights[items[i]] / labels);
        }
        int[] sizes = Arrays.stream(items).map(i -> lengths[i]).toArray();
        Tensor loss = SequenceSums.of(scores.logprobs(), sizes)
                .mul(Tensors.floats(Place.of(scores.logprobs()), factors, factors.length))
                .sum();
        sum += Tensors.toDouble(loss.detach());
        return loss;
    }

    @Override
    public Double figures() {
        return sum;
    }
}
