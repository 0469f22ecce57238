package org.reft4j.train.recipe;

import java.util.Arrays;
import java.util.List;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.NativeScope;

/** The loss of supervised training (ReFT, section 3.1, equation 1), as a mean over tokens like the reference code's. */
final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Adds the gradients of {@code weight} times the mean cross-entropy of all completion tokens of some rows. What groups the rows go
     * through the model in does not change it.
     *
     * @param rows may be none: then nothing is added
     * @param tokenBudget see {@link Rows#groups}
     * @return the weight times the mean, in nats per token
     */
    static double backward(List<Row> rows, double weight, int tokenBudget, PolicyModel model) {
        int labels = rows.stream().mapToInt(row -> row.completion().size()).sum();
        double sum = 0;
        for (int[] group : Rows.groups(rows, tokenBudget)) {
            try (var _ = NativeScope.open()) {
                Rows part = Rows.of(Arrays.stream(group).mapToObj(rows::get).toList());
                sum += model.backwardLikelihood(part, -weight / labels);
            }
        }
        return sum;
    }
}
