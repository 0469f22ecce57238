package org.reft4j.train.learn;

import java.util.List;
import org.reft4j.model.SequenceClassifier.Passage;

/**
 * A training example of a classifier.
 *
 * @param labels the probability of class 1 at each of the passage's ends
 */
public record LabelledPassage(Passage passage, List<Double> labels) {
    public LabelledPassage {
        labels = List.copyOf(labels);
        if (labels.size() != passage.ends().size()) {
            throw new IllegalArgumentException(labels.size() + " labels of a passage that is judged "
                    + passage.ends().size() + " times");
        }
    }
}
