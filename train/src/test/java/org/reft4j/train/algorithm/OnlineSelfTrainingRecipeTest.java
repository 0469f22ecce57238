package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Learners;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.OptimizerConfig;

/** The loss of online self-training against its formula, on a model of one layer. */
final class OnlineSelfTrainingRecipeTest {
    /** float32 sums through one layer. */
    private static final double RELATIVE = 1e-5;

    private static final ModelSource TINY =
            new ModelSource(null, new ModelSource.NewModel(1, 16, 2, 2, 32, 64, 0.2), "f32", "cpu");
    private static final Row SHORT = new Row(Tokens.of(5, 9, 11), Tokens.of(7, 3));
    private static final Row LONG = new Row(Tokens.of(8, 20), Tokens.of(30, 31, 32, 33, 3));
    private static final Row CHAIN = new Row(Tokens.of(5, 9, 11), Tokens.of(40, 41, 3));

    private static final PolicyModel POLICY = model();
    private static final AdamW OPTIMIZER = optimizer();
    private static final Learner LEARNER = new Learner(POLICY, OPTIMIZER, Learners.memory(8));

    private static PolicyModel model() {
        Torch.start();
        ModelSources.Source source = ModelSources.open(TINY, 7);
        source.tokenizer().close();
        return PolicyModel.of(source.build(DType.F32, Place.HOST));
    }

    private static AdamW optimizer() {
        return new AdamW(
                POLICY.trained(),
                List.of(),
                1,
                new OptimizerConfig(1e-3, OptimizerConfig.Schedule.CONSTANT, 0, 0.9, 0.999, 1e-8, 0, 0));
    }

    @AfterAll
    static void close() {
        LEARNER.close();
    }

    /** Minus the log-probabilities of a row's completion, summed. */
    private static double surprise(Row row) {
        try (var _ = NativeScope.open()) {
            double sum = 0;
            for (float logprob : Tensors.toFloats(
                    POLICY.score(Rows.of(Place.HOST, List.of(row))).logprobs())) {
                sum -= logprob;
            }
            return sum;
        }
    }

    /** The gradient norm of what was accumulated; changes no weight. */
    private static double norm() {
        return OPTIMIZER.clipAndStep(0);
    }

    /** Adds the gradients of half the mean over the tokens of all rows, written as in the paper. */
    private static void plain(List<Row> rows) {
        try (var _ = NativeScope.open()) {
            POLICY.backward(
                    Rows.of(Place.HOST, rows),
                    scores -> scores.logprobs().mean().mul(Tensors.scalar(-0.5)));
        }
    }

    @Test
    void eachHalfIsAMeanOverItsTokens() {
        OPTIMIZER.zeroGradients();
        OnlineSelfTrainingRecipe.Halves loss =
                OnlineSelfTrainingRecipe.forwardBackward(LEARNER, List.of(SHORT, LONG), List.of(CHAIN));
        double norm = norm();
        double samples = 0.5 * (surprise(SHORT) + surprise(LONG)) / 7;
        double annotated = 0.5 * surprise(CHAIN) / 3;
        assertEquals(samples, loss.samples(), RELATIVE * samples);
        assertEquals(annotated, loss.annotated(), RELATIVE * annotated);
        assertEquals(samples + annotated, loss.total(), RELATIVE * (samples + annotated));

        OPTIMIZER.zeroGradients();
        plain(List.of(SHORT, LONG));
        plain(List.of(CHAIN));
        assertTrue(norm > 0.01, () -> "norm " + norm);
        assertEquals(norm(), norm, RELATIVE * norm);
    }

    @Test
    void whereNothingWasRightTheAnnotatedStillCountHalf() {
        OPTIMIZER.zeroGradients();
        OnlineSelfTrainingRecipe.Halves loss =
                OnlineSelfTrainingRecipe.forwardBackward(LEARNER, List.of(), List.of(CHAIN));
        double norm = norm();
        double annotated = 0.5 * surprise(CHAIN) / 3;
        assertEquals(0, loss.samples());
        assertEquals(annotated, loss.total(), RELATIVE * annotated);

        OPTIMIZER.zeroGradients();
        plain(List.of(CHAIN));
        assertEquals(norm(), norm, RELATIVE * norm);
    }

    @Test
    void whereNothingIsAnnotatedTheSamplesCountHalf() {
        OPTIMIZER.zeroGradients();
        OnlineSelfTrainingRecipe.Halves loss =
                OnlineSelfTrainingRecipe.forwardBackward(LEARNER, List.of(SHORT), List.of());
        double samples = 0.5 * surprise(SHORT) / 2;
        assertEquals(0, loss.annotated());
        assertEquals(samples, loss.total(), RELATIVE * samples);
    }

    private static Rollout rollout(String id, int sample) {
        Question question = new Question(id, "?", new Answer.Numeric("7", 7), null);
        Completion completion = new Completion(Tokens.of(sample + 1, 3), StopReason.END_OF_TEXT, -1, -1);
        return new Rollout(question, sample, Tokens.of(4), completion, "text");
    }

    @Test
    void onlyWhatIsRightIsKept() {
        Rollout right = rollout("a", 0);
        Rollout passed = rollout("c", 0);
        List<Rollout> graded = List.of(
                right.graded(new Grade.Correct("7"), 1, 0),
                rollout("a", 1).graded(new Grade.Wrong("8"), 0.1, 0),
                rollout("b", 0).graded(new Grade.Scored(0.79, 0.8, Map.of(), ""), 0.79, 0),
                passed.graded(new Grade.Scored(0.8, 0.8, Map.of(), ""), 0.8, 0));
        assertEquals(List.of(right.row(), passed.row()), OnlineSelfTrainingRecipe.kept(graded));
    }

    @Test
    void whatIsRightButCutOffIsNotKept() {
        Rollout whole = rollout("a", 0);
        Rollout cut = new Rollout(
                whole.question(),
                1,
                whole.prompt(),
                new Completion(Tokens.of(5, 6), StopReason.LENGTH, -1, -1),
                "text");
        assertEquals(
                List.of(whole.row()),
                OnlineSelfTrainingRecipe.kept(
                        List.of(whole.graded(new Grade.Correct("7"), 1, 0), cut.graded(new Grade.Correct("7"), 1, 0))));
    }

    @Test
    void aQuestionsChainCountsOnceHoweverOftenItIsSampled() {
        Map<String, List<Row>> annotated = Map.of("a", List.of(CHAIN), "c", List.of(SHORT));
        assertEquals(
                List.of(CHAIN),
                OnlineSelfTrainingRecipe.ofSameQuestions(
                        List.of(rollout("a", 0), rollout("a", 1), rollout("b", 0), rollout("b", 1)), annotated));
    }
}
