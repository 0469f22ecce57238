package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.TokenHits;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.train.rollout.TokenScores;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.OptimizerConfig;

/**
 * A model that learns: its weights or an adapter, perhaps a value head, their gradients and the optimiser's state. What an algorithm does
 * to it is a sequence of {@link #forward}, {@link #forwardBackward} and {@link #optimStep}; how much goes through the model at once, and
 * what happens when memory runs out, is settled here.
 *
 * <p>For one thread. Several learners may wear adapters over one frozen base.
 */
public final class Learner implements AutoCloseable {
    private Scorer scorer;
    private AdamW optimizer;
    /** Passes whose gradients wait for the optimiser, to be made again should a later one find no memory. */
    private final List<IntFunction<?>> waiting = new ArrayList<>();

    /**
     * @param model the model; owned
     * @param optimizer optimiser of all trained parameters of the model; owned
     * @param memory micro-batch size, shared by the models of a run
     */
    public Learner(PolicyModel model, AdamW optimizer, MicroBatches memory) {
        this.scorer = new Scorer(model, memory);
        this.optimizer = optimizer;
    }

    public PolicyModel model() {
        return scorer.model();
    }

    /** Place of the model and of all that it learns with. */
    public Place place() {
        return model().decoder().place();
    }

    AdamW optimizer() {
        return optimizer;
    }

    /** Scores completions under the weights as they are; see {@link Scorer#forward}. */
    public List<TokenScores> forward(List<Row> rows) {
        return scorer.forward(rows);
    }

    /** The same of a batch of {@code count} items of one row each. */
    public List<TokenScores> forward(Batch batch, int count) {
        return scorer.forward(batch, count);
    }

    /**
     * Gives a model without a value head one, to be trained with the rest of it. Gradients and moments stay.
     *
     * @param weight float32 [1, E]; not copied
     * @param bias float32 [1]; not copied
     */
    public void addValueHead(Tensor weight, Tensor bias) {
        if (!model().valueHead().isEmpty()) {
            throw new IllegalStateException("the model has a value head");
        }
        PolicyModel critic = PolicyModel.withValueHead(model().decoder(), weight, bias);
        scorer.memory().apply(critic);
        scorer = new Scorer(critic, scorer.memory());
        optimizer = optimizer.with(critic.valueHead());
    }

    /** The critic's values of completions; see {@link Scorer#values}. */
    public List<float[]> values(List<Row> rows) {
        return scorer.values(rows);
    }

    /** The log-probabilities of whole completions; see {@link Scorer#sums}. */
    public double[] sums(List<Row> rows) {
        return scorer.sums(rows);
    }

    /**
     * Adds the gradients of a loss to those that are there.
     *
     * @param loss made anew for each try
     */
    public <F> F forwardBackward(Batch batch, Supplier<? extends Loss<F>> loss) {
        return add(tokens -> {
            Loss<F> sum = loss.get();
            for (int[] part : batch.parts(place(), tokens)) {
                try (var _ = NativeScope.open()) {
                    model().backward(batch.laid(place(), part), sum.hits(), scores -> sum.of(part, scores));
                }
            }
            return sum.figures();
        });
    }

    /** The figures of a loss alone: nothing is learned, and only a part of the batch is in memory at a time. */
    public <F> F figures(Batch batch, Supplier<? extends Loss<F>> loss) {
        return scorer.memory().fit(tokens -> {
            Loss<F> sum = loss.get();
            for (int[] part : batch.parts(place(), tokens)) {
                try (var _ = NativeScope.open()) {
                    Tensor _ = sum.of(part, model().score(batch.laid(place(), part), sum.hits()));
                }
            }
            return sum.figures();
        });
    }

    /** The reach of a value loss. */
    public enum Reach {
        /** The value head alone: the backbone is the policy's. */
        HEAD,
        /** The value head and the backbone below it. */
        BACKBONE
    }

    /** Adds the gradients of a loss of the critic's values; {@link Loss} is given these alone. */
    public <F> F forwardBackwardValues(Batch batch, Reach reach, Supplier<? extends ValueLoss<F>> loss) {
        return add(tokens -> {
            ValueLoss<F> sum = loss.get();
            for (int[] part : batch.parts(place(), tokens)) {
                try (var _ = NativeScope.open()) {
                    Rows rows = Rows.of(place(), batch.rows(part));
                    if (reach == Reach.HEAD) {
                        model().backwardValues(rows, values -> sum.of(part, values));
                    } else {
                        model().backwardCritic(rows, values -> sum.of(part, values));
                    }
                }
            }
            return sum.figures();
        });
    }

    /**
     * A loss of values.
     *
     * @param <F> type of its figures
     */
    public interface ValueLoss<F> {
        /**
         * The loss of a part, float32 [].
         *
         * @param values before the completion tokens of the items' rows, float32 [N]
         */
        Tensor of(int[] items, Tensor values);

        F figures();
    }

    /**
     * Adds the gradients of {@code weight} times the mean cross-entropy of all completion tokens: supervised training (ReFT, section 3.1,
     * equation 1).
     *
     * @param rows may be none: then nothing is added
     * @return the weight times the mean, in nats per token
     */
    public double crossEntropy(List<Row> rows, double weight) {
        return crossEntropy(rows, weight, null);
    }

    /** The same, which tells of the tokens that were the likeliest before the update. */
    public double crossEntropy(List<Row> rows, double weight, @Nullable TokenHits hits) {
        return add(tokens -> {
            if (hits != null) {
                hits.clear();
            }
            return CrossEntropy.backward(rows, weight, tokens, model(), hits);
        });
    }

    private <F> F add(IntFunction<F> pass) {
        boolean[] failed = new boolean[1];
        F figures = scorer.memory().fit(tokens -> {
            if (failed[0]) {
                // A part of the failed pass is among the gradients already.
                optimizer.zeroGradients();
                for (IntFunction<?> done : waiting) {
                    Object _ = done.apply(tokens);
                }
            }
            failed[0] = true;
            return pass.apply(tokens);
        });
        waiting.add(pass);
        return figures;
    }

    /**
     * Clips the gradients, moves the weights by them and clears them.
     *
     * @param rate the learning rate
     * @return the norm of the gradients before clipping; where it is not finite, or 0, nothing was moved
     */
    public double optimStep(double rate) {
        return cleared(optimizer.clipAndStep(rate));
    }

    /** The same with settings of AdamW that hold for this step alone. */
    public double optimStep(double rate, OptimizerConfig settings) {
        return cleared(optimizer.clipAndStep(rate, settings));
    }

    /** The same of the value head alone; the backbone rests. */
    public double optimStepHead(double rate) {
        return cleared(optimizer.clipAndStepHead(rate));
    }

    private double cleared(double norm) {
        optimizer.zeroGradients();
        waiting.clear();
        return norm;
    }

    /**
     * Writes the value head and the optimiser's state next to the model's own files.
     *
     * @param state further state that a resumed run needs
     */
    public void save(Path folder, ObjectNode state) {
        TrainerState.write(folder, model().valueHead(), optimizer, state);
    }

    /** Takes over the value head that {@link #save} wrote, where it wrote one. */
    public void restoreHead(Run.Checkpoint checkpoint) {
        try (var scope = NativeScope.open()) {
            TrainerState.valueHead(checkpoint, model().decoder().width())
                    .ifPresent(head -> addValueHead(scope.keep(head.get(0)), scope.keep(head.get(1))));
        }
    }

    /** Takes over the optimiser's state as {@link #save} wrote it. */
    public void restore(Run.Checkpoint checkpoint) {
        TrainerState.restore(optimizer, checkpoint);
    }

    @Override
    public void close() {
        optimizer.close();
        scorer.close();
    }
}
