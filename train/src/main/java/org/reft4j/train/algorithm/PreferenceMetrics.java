package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.TokenHits;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.HeldOutLoss;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.loss.PreferenceConfig;
import org.reft4j.train.loss.PreferenceLoss;
import org.reft4j.train.loss.SequenceSums;

/** The loss of a batch of pairs, with its figures: sums while its parts are added, means at the end. */
final class PreferenceMetrics implements Loss<PreferenceMetrics> {
    private final PreferenceConfig config;
    private final List<Pairs.Pair> batch;
    private final double[] reference;
    private int pairs;
    private double loss;
    private double difference;
    private int preferred;
    private double chosen;
    private double rejected;
    private double moved;
    private long tokens;
    private final @Nullable TokenHits hits;
    private long right;
    private long chosenTokens;

    /** @param reference log-probabilities under the frozen reference, of the chosen rows and then of the rejected ones */
    PreferenceMetrics(List<Pairs.Pair> batch, double[] reference, PreferenceConfig config) {
        this(batch, reference, config, false);
    }

    /** @param accuracy true to count the tokens of chosen completions that are the likeliest */
    PreferenceMetrics(List<Pairs.Pair> batch, double[] reference, PreferenceConfig config, boolean accuracy) {
        this.hits = accuracy ? new TokenHits() : null;
        this.batch = batch;
        this.reference = reference.clone();
        this.config = config;
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        double[] of = Pairs.scores(items, batch.size(), reference);
        int[] lengths = Pairs.lengths(
                Pairs.rows(Arrays.stream(items).mapToObj(batch::get).toList()));
        float[] frozen = new float[lengths.length];
        float[] sizes = new float[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            frozen[i] = (float) of[i];
            sizes[i] = lengths[i];
        }
        Place place = Place.of(scores.logprobs());
        Tensor before = Tensors.floats(place, frozen, frozen.length);
        Tensor policy = SequenceSums.of(scores.logprobs(), lengths);
        PreferenceLoss part = PreferenceLoss.of(policy, before, Tensors.floats(place, sizes, sizes.length), config);
        add(part, policy, frozen, lengths);
        return part.losses().sum().mul(Tensors.scalar(1.0 / batch.size()));
    }

    @Override
    public @Nullable TokenHits hits() {
        return hits;
    }

    @Override
    public PreferenceMetrics figures() {
        return this;
    }

    /**
     * Adds a part.
     *
     * @param policy log-probabilities of the chosen and then of the rejected completions, [2 P]
     * @param before the same under the frozen reference
     * @param lengths their tokens
     */
    private void add(PreferenceLoss part, Tensor policy, float[] before, int[] lengths) {
        float[] now = Tensors.toFloats(policy.detach());
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
        if (hits != null) {
            int first = IntStream.of(lengths).limit(size).sum();
            right += hits.among(first);
            chosenTokens += first;
            hits.clear();
        }
        pairs += size;
        tokens += IntStream.of(lengths).asLongStream().sum();
    }

    /** The mean loss of a pair. */
    double loss() {
        return loss / pairs;
    }

    /** The figures of pairs that are held out. */
    Map<String, Double> heldOut() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(HeldOutLoss.LOSS, loss());
        values.put(HeldOutLoss.TOKEN_ACCURACY, (double) right / chosenTokens);
        values.put("preference-accuracy", (double) preferred / pairs);
        return values;
    }

    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", loss());
        values.put("margin", config.beta() * difference / pairs);
        values.put("preference-accuracy", (double) preferred / pairs);
        values.put("logprob-chosen", chosen / pairs);
        values.put("logprob-rejected", rejected / pairs);
        values.put("kl-samples", moved / (2 * pairs));
        values.put("pairs", (double) pairs);
        values.put("tokens", (double) tokens);
        if (hits != null) {
            values.put(HeldOutLoss.TOKEN_ACCURACY, (double) right / chosenTokens);
        }
        return values;
    }
}
