package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.TokenHits;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Split;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.settings.RecipeConfig;

/**
 * A recipe's own loss of what it does not learn from: the rows or pairs of a validation file. It is told of all of them where the model is
 * measured, and of a batch at steps between, which makes a curve beside that of training.
 *
 * @param items number of rows or pairs
 * @param batch number of them at a step
 * @param figures by name, of the items with these numbers
 */
public record HeldOutLoss(int items, int batch, Function<int[], Map<String, Double>> figures) {
    /** The mean loss: of a token in nats, or of a pair. */
    public static final String LOSS = "loss";
    /** The share of tokens that the model finds likelier than all others. */
    public static final String TOKEN_ACCURACY = "mean-token-accuracy";
    /** Begins the names of a batch's figures among those of a step. */
    public static final String VALID = "valid-";

    /** Points of the curve: a batch at each step would make short rows a third slower. */
    private static final int POINTS = 100;

    /** True if a run's validation questions come from a file of their own, which is what such a loss is measured on. */
    public static boolean wanted(RecipeConfig config) {
        return config.data().file(Split.VALIDATION) != null;
    }

    /** The cross-entropy of rows, as supervised training has it. */
    public static HeldOutLoss of(List<Row> rows, int batch, Learner model) {
        return new HeldOutLoss(rows.size(), batch, items -> {
            List<Row> some = Arrays.stream(items).mapToObj(rows::get).toList();
            return model.figures(Batch.of(some), Likelihood::new);
        });
    }

    /** Figures of all items. */
    Map<String, Double> whole() {
        return figures.apply(IntStream.range(0, items).toArray());
    }

    /**
     * Figures of the batch that belongs to a step.
     *
     * @param step counted from 1
     * @param steps of the whole run
     * @return empty for a step without one
     */
    Map<String, Double> at(int step, int steps) {
        int every = Math.ceilDiv(steps, POINTS);
        if (step % every != 0) {
            return Map.of();
        }
        // One batch after another, and from the first again: a function of the step alone, so that a resumed run has
        // the same.
        long from = (step / every - 1L) * batch;
        int[] some = IntStream.range(0, Math.min(batch, items))
                .map(i -> (int) ((from + i) % items))
                .toArray();
        Map<String, Double> named = new LinkedHashMap<>();
        figures.apply(some).forEach((name, value) -> named.put(VALID + name, value));
        return named;
    }

    /** Sums of log-probabilities, part by part. */
    private static final class Likelihood implements Loss<Map<String, Double>> {
        private final TokenHits hits = new TokenHits();
        private double sum;

        @Override
        public TokenHits hits() {
            return hits;
        }

        @Override
        public Tensor of(int[] items, PolicyModel.Scores scores) {
            for (float logprob : Tensors.toFloats(scores.logprobs())) {
                sum += logprob;
            }
            return scores.logprobs();
        }

        @Override
        public Map<String, Double> figures() {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put(LOSS, -sum / hits.tokens());
            figures.put(TOKEN_ACCURACY, share(hits));
            return figures;
        }
    }

    /** The token accuracy. */
    public static double share(TokenHits hits) {
        return (double) hits.among(hits.tokens()) / hits.tokens();
    }
}
