package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.train.measure.RewardModel;

/**
 * A classifier under training, as {@link Learner} is a language model under training.
 *
 * @param model the model; owned
 * @param optimizer optimiser of all its weights; owned
 */
public record ClassifierLearner(SequenceClassifier model, AdamW optimizer, MicroBatches memory, RewardModel.Kind kind)
        implements AutoCloseable {
    /** Tokens that go through the model at once where only probabilities are wanted. */
    private static final int MEASURED_TOKENS = 4096;
    /** Passages of a part, so that long measurements show progress. */
    private static final int MEASURED_TOGETHER = 64;

    /** Adds the gradients of the mean cross-entropy over all labels; returns the mean, in nats per label. */
    public double crossEntropy(List<LabelledPassage> passages) {
        return memory.fit(tokens -> {
            optimizer.zeroGradients();
            return CrossEntropy.backward(passages, tokens, model);
        });
    }

    /**
     * Probabilities of the class {@code right} of passages, of each at its judged ends.
     *
     * @param progress is told after each part how many passages are done
     */
    public List<List<Double>> probabilities(List<Passage> passages, IntConsumer progress) {
        List<List<Double>> found = new ArrayList<>();
        while (found.size() < passages.size()) {
            int to = Math.min(passages.size(), found.size() + MEASURED_TOGETHER);
            found.addAll(model.probabilities(passages.subList(found.size(), to), MEASURED_TOKENS));
            progress.accept(found.size());
        }
        return found;
    }

    /** Moves the weights by the gradients; see {@link Learner#optimStep}. */
    public double optimStep(double rate) {
        return optimizer.clipAndStep(rate);
    }

    /** Writes a checkpoint: the head is part of the model's own folder. */
    void save(Path folder, Setup setup, ObjectNode state) {
        RewardModel.write(folder, model, kind, setup.prompts());
        setup.describe(folder);
        TrainerState.write(folder, List.of(), optimizer, state);
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
