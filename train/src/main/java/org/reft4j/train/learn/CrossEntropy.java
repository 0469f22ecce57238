package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.TokenHits;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/** The losses of supervised training: of tokens (ReFT, section 3.1, equation 1), as a mean like the reference code's, and of two classes. */
public final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Adds the gradients of {@code weight} times the mean cross-entropy of all completion tokens of some rows. What groups the rows go
     * through the model in does not change it.
     *
     * @param rows may be none: then nothing is added
     * @param tokenBudget see {@link Rows#groups}
     * @param hits told of the tokens that are the likeliest; {@code null} where nobody asks
     * @return the weight times the mean, in nats per token
     */
    public static double backward(
            List<Row> rows, double weight, int tokenBudget, PolicyModel model, @Nullable TokenHits hits) {
        int labels = rows.stream().mapToInt(row -> row.completion().size()).sum();
        double sum = 0;
        for (int[] group : Rows.groups(model.decoder().place(), rows, tokenBudget)) {
            try (var _ = NativeScope.open()) {
                Rows part = Rows.of(
                        model.decoder().place(),
                        Arrays.stream(group).mapToObj(rows::get).toList());
                sum += model.backwardLikelihood(part, -weight / labels, hits);
            }
        }
        return sum;
    }

    /**
     * Adds the gradients of the mean cross-entropy of a classifier's two classes, {@code -y log p - (1 - y) log (1 - p)}, over all labels
     * {@code y} of some passages (Cobbe et al. 2021, arXiv:2110.14168; with shares as labels: Wang et al. 2023, arXiv:2312.08935,
     * equation 2).
     *
     * @param passages with at least one label among them
     * @param tokenBudget see {@link Rows#groups}
     * @return the mean, in nats per label
     */
    public static double backward(List<LabelledPassage> passages, int tokenBudget, SequenceClassifier model) {
        int labels = passages.stream().mapToInt(each -> each.labels().size()).sum();
        double[] sum = new double[1];
        for (int[] group :
                model.groups(passages.stream().map(LabelledPassage::passage).toList(), tokenBudget)) {
            List<LabelledPassage> part =
                    Arrays.stream(group).mapToObj(passages::get).toList();
            model.backward(part.stream().map(LabelledPassage::passage).toList(), scores -> {
                Tensor loss = scores.log_softmax(1)
                        .mul(targets(Place.of(scores), part))
                        .sum()
                        .mul(Tensors.scalar(-1.0 / labels));
                sum[0] += Tensors.toDouble(loss);
                return loss;
            });
        }
        return sum[0];
    }

    /** The target distribution over the two classes for each label, float32 [M, 2]. */
    private static Tensor targets(Place place, List<LabelledPassage> passages) {
        List<Double> labels =
                passages.stream().flatMap(each -> each.labels().stream()).toList();
        float[] targets = new float[labels.size() * SequenceClassifier.CLASSES];
        for (int i = 0; i < labels.size(); i++) {
            targets[2 * i] = (float) (1 - labels.get(i));
            targets[2 * i + 1] = labels.get(i).floatValue();
        }
        return Tensors.floats(place, targets, labels.size(), SequenceClassifier.CLASSES);
    }
}
