package org.reft4j.server.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.weights.Durable;
import org.reft4j.server.http.ApiError;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Lesson;
import org.reft4j.train.learn.LessonLoss;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.learn.TrainerState;
import org.reft4j.train.rollout.TokenScores;
import org.reft4j.train.settings.OptimizerConfig;

/** The verbs that change a learner, or look at it, on the engine's thread. */
public final class Tutor {
    private final LiveModel model;

    Tutor(LiveModel model) {
        this.model = model;
    }

    private Learner learner() {
        return model.learner();
    }

    /** Scores completions under the weights as they are. */
    public List<TokenScores> forward(List<Row> rows) {
        return learner().forward(rows);
    }

    /**
     * Adds the gradients of a loss to those that are there.
     *
     * @param loss made anew for each try
     */
    public <F> F forwardBackward(Batch batch, Supplier<? extends Loss<F>> loss) {
        return learner().forwardBackward(batch, loss);
    }

    /** The same of {@code weight} times the mean cross-entropy. */
    public double crossEntropy(List<Row> rows, double weight) {
        return learner().crossEntropy(rows, weight);
    }

    /**
     * Adds the gradients of a lesson, or computes its figures alone.
     *
     * @throws ApiError if it holds tokens or lengths that the model does not know
     */
    public Lesson.Marks teach(Lesson lesson) {
        ModelSizes sizes = model.base().texts().sizes();
        if (lesson.highest() >= sizes.vocabulary()) {
            throw ApiError.invalid(
                    "data",
                    "data holds token " + lesson.highest() + "; this model's tokens are 0 to "
                            + (sizes.vocabulary() - 1) + ".");
        }
        if (lesson.longest() > sizes.contextLength()) {
            throw ApiError.invalid(
                    "data",
                    "data holds a sequence of " + lesson.longest() + " tokens; this model's context is "
                            + sizes.contextLength() + ".");
        }
        Batch batch = lesson.batch();
        if (lesson.loss().ofValues()) {
            requireValueHead(sizes.width());
            return lesson.forward()
                    ? LessonLoss.of(lesson, learner().values(batch.rows(all(lesson))))
                    : learner().forwardBackwardValues(batch, Learner.Reach.BACKBONE, () -> new LessonLoss(lesson));
        }
        return lesson.forward()
                ? LessonLoss.of(
                        lesson,
                        learner().forward(batch, lesson.examples().size()).stream()
                                .map(TokenScores::logprobs)
                                .toList())
                : learner().forwardBackward(batch, () -> new LessonLoss(lesson));
    }

    private static int[] all(Lesson lesson) {
        return IntStream.range(0, lesson.examples().size()).toArray();
    }

    /** A learner gets its head when it is first asked for values: zeros, so that it has no opinion before it learns. */
    private void requireValueHead(int width) {
        if (learner().model().valueHead().isEmpty()) {
            try (var scope = NativeScope.open()) {
                learner()
                        .addValueHead(
                                scope.keep(Tensors.zeros(Place.HOST, DType.F32, 1, width)),
                                scope.keep(Tensors.zeros(Place.HOST, DType.F32, 1)));
            }
        }
    }

    /** Puts the weights of a folder, and the optimiser's state if it is wanted, in the place of the learner's own. */
    public Path load(Path folder, boolean optimizer) {
        model.become(NewAdapter.restored(model.base(), folder, optimizer));
        return folder;
    }

    /** Moves the weights by the gradients, and clears these; the norm of the gradients. */
    public double optimStep(double rate, OptimizerConfig settings) {
        return learner().optimStep(rate, settings);
    }

    /**
     * Writes adapter, tokenizer and the optimiser's state; the folder appears whole or not at all.
     *
     * @return the folder
     */
    public Path save(Path folder) {
        return save(folder, true);
    }

    /** The same; without {@code optimizer} the folder is one to sample from. */
    Path save(Path folder, boolean optimizer) {
        Durable.replace(folder, aside -> {
            Adapters.write(aside, Adapters.active(model.decoder()).orElseThrow());
            model.base().texts().tokenizer().save(aside);
            if (optimizer) {
                learner().save(aside, TrainerState.empty());
            }
        });
        return folder;
    }
}
