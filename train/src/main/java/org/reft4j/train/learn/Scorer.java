package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.rollout.TokenScores;

/**
 * Forward passes of a model over completions, as many at a time as fit into memory. Results are plain arrays.
 *
 * @param model the model; owned
 */
public record Scorer(PolicyModel model, MicroBatches memory) implements AutoCloseable {

    /** Log-probabilities of every completion token, and values where the model has a value head; by the order of the rows. */
    public List<TokenScores> forward(List<Row> rows) {
        return forward(Batch.of(rows), rows.size());
    }

    /** The same of a batch of {@code count} items of one row each. */
    List<TokenScores> forward(Batch batch, int count) {
        return memory.fit(tokens -> {
            TokenScores[] scored = new TokenScores[count];
            for (int[] group : batch.parts(place(), tokens)) {
                try (var _ = NativeScope.open()) {
                    List<Row> rows = batch.rows(group);
                    PolicyModel.Scores scores = model.score(batch.laid(place(), group));
                    float[] logprobs = Tensors.toFloats(scores.logprobs());
                    float @Nullable [] values = scores.values() == null ? null : Tensors.toFloats(scores.values());
                    int at = 0;
                    for (int i = 0; i < group.length; i++) {
                        int end = at + rows.get(i).completion().size();
                        scored[group[i]] = new TokenScores(
                                Arrays.copyOfRange(logprobs, at, end),
                                values == null ? null : Arrays.copyOfRange(values, at, end));
                        at = end;
                    }
                }
            }
            return List.of(scored);
        });
    }

    /** The values before every completion token alone, without a pass through the output layer. */
    List<float[]> values(List<Row> rows) {
        return memory.fit(tokens -> {
            float[][] values = new float[rows.size()][];
            for (int[] group : Rows.groups(place(), rows, tokens)) {
                try (var _ = NativeScope.open()) {
                    float[] all = Tensors.toFloats(model.values(Rows.of(place(), pick(rows, group))));
                    int at = 0;
                    for (int i : group) {
                        int end = at + rows.get(i).completion().size();
                        values[i] = Arrays.copyOfRange(all, at, end);
                        at = end;
                    }
                }
            }
            return List.of(values);
        });
    }

    /** The log-probability of each completion as a whole, in nats. */
    double[] sums(List<Row> rows) {
        return forward(rows).stream()
                .mapToDouble(scores -> {
                    double sum = 0;
                    for (float logprob : scores.logprobs()) {
                        sum += logprob;
                    }
                    return sum;
                })
                .toArray();
    }

    private Place place() {
        return model.decoder().place();
    }

    private static List<Row> pick(List<Row> rows, int[] group) {
        return Arrays.stream(group).mapToObj(rows::get).toList();
    }

    @Override
    public void close() {
        model.close();
    }
}
