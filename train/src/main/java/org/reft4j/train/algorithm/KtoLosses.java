package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.loss.KtoLoss;
import org.reft4j.train.loss.KtoWeights;
import org.reft4j.train.loss.SequenceSums;

/** The loss of a batch of right and wrong completions, with its figures. */
final class KtoLosses implements Loss<KtoLosses> {
    private final int[] counts = new int[2];
    private final double[] logprobs = new double[2];
    private final double[] ratios = new double[2];
    private final List<WeightedRow> batch;
    private final double[] reference;
    private final double point;
    private final KtoWeights weights;
    private double loss;
    private long tokens;

    /**
     * @param reference log-probability of each completion under the frozen reference
     * @param point the reference point z: the estimated KL divergence of the policy from the reference
     */
    KtoLosses(List<WeightedRow> batch, double[] reference, double point, KtoWeights weights) {
        this.batch = batch;
        this.reference = reference.clone();
        this.point = point;
        this.weights = weights;
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        List<Row> rows = Arrays.stream(items).mapToObj(i -> batch.get(i).row()).toList();
        boolean[] right = new boolean[items.length];
        float[] frozen = new float[items.length];
        for (int i = 0; i < items.length; i++) {
            right[i] = batch.get(items[i]).right();
            frozen[i] = (float) reference[items[i]];
        }
        Tensor policy = SequenceSums.of(scores.logprobs(), Pairs.lengths(rows));
        Tensor losses =
                KtoLoss.of(policy, Tensors.floats(Place.of(policy), frozen, frozen.length), right, point, weights);
        add(Tensors.toFloats(losses.detach()), Tensors.toFloats(policy.detach()), frozen, right);
        tokens += rows.stream().mapToLong(Row::length).sum();
        return losses.sum().mul(Tensors.scalar(1.0 / batch.size()));
    }

    @Override
    public KtoLosses figures() {
        return this;
    }

    /** The mean loss of a completion. */
    double loss() {
        return loss / batch.size();
    }

    private void add(float[] losses, float[] policy, float[] reference, boolean[] right) {
        for (int i = 0; i < losses.length; i++) {
            int side = right[i] ? 0 : 1;
            counts[side]++;
            logprobs[side] += policy[i];
            ratios[side] += policy[i] - reference[i];
            loss += losses[i];
        }
    }

    /** A mean of none is left out. */
    Map<String, Double> values() {
        int all = counts[0] + counts[1];
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss / all);
        for (int side = 0; side < 2; side++) {
            if (counts[side] > 0) {
                String name = side == 0 ? "right" : "wrong";
                values.put("logprob-" + name, logprobs[side] / counts[side]);
                values.put("log-ratio-" + name, ratios[side] / counts[side]);
            }
        }
        if (counts[0] > 0 && counts[1] > 0) {
            values.put("margin", ratios[0] / counts[0] - ratios[1] / counts[1]);
        }
        values.put("kl-samples", -(ratios[0] + ratios[1]) / all);
        values.put("right", (double) counts[0] / all);
        values.put("tokens", (double) tokens);
        return values;
    }
}
