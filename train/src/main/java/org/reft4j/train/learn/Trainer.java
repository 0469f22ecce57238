package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.Evaluator;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.CheckpointInterval;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;

/**
 * Everything around an algorithm's loop: its models, as configured or from the newest checkpoint, the remaining steps, evaluations,
 * checkpoints and reports. The loop itself is in the algorithm's file.
 *
 * <p>Callers close what they opened here, before the trainer.
 */
public final class Trainer implements AutoCloseable {
    /** Folder in a checkpoint for a separate critic, which is stored like a checkpoint of its own. */
    private static final String CRITIC = "trainer/critic";

    private final String name;
    private final RecipeConfig config;
    private final Run run;
    private final Setup setup;
    private final CheckpointClock clock;
    private final JudgeTokens judged;
    private final MicroBatches memory;
    private final List<Checkpointed> states = new ArrayList<>();
    private @Nullable Learner policy;
    private @Nullable Learner critic;
    private @Nullable ClassifierLearner classifier;
    private @Nullable Guards guards;
    private @Nullable HeldOutLoss heldOut;
    private Optional<Run.Checkpoint> from;

    private Trainer(String name, RecipeConfig config, Run run, Setup setup) {
        this.name = name;
        this.config = config;
        this.run = run;
        this.setup = setup;
        this.judged = new JudgeTokens(setup.judges());
        this.clock = new CheckpointClock(CheckpointInterval.of(config.run().checkpointEvery()), System::nanoTime);
        this.memory = new MicroBatches(setup.memory(), setup.place(), run);
        this.from = run.latest();
        from.map(TrainerState::read).ifPresent(memory::restore);
    }

    /** @param name name of the algorithm */
    public static Trainer open(String name, RecipeConfig config, Run run, GraderTools tools) {
        Setup setup = Setup.open(config, run, tools);
        try {
            return new Trainer(name, config, run, setup);
        } catch (RuntimeException e) {
            setup.close();
            throw e;
        }
    }

    /** Data, prompts, grader and models of the run. */
    public Setup setup() {
        return setup;
    }

    public Run run() {
        return run;
    }

    Seeds seeds() {
        return new Seeds(config.seed());
    }

    /** Checkpoints hold the state from here on; restores it from the newest. */
    public <S extends Checkpointed> S keep(S state) {
        states.add(state);
        from.map(TrainerState::read).ifPresent(state::restore);
        return state;
    }

    /** The model that is trained, without a value head. */
    public Learner policy() {
        return trained(setup.policy(from), 1);
    }

    /**
     * The model to train, with a value head.
     *
     * @param zero true for a new head with output 0
     * @param headRate the head's learning rate as a multiple of the backbone's
     */
    public Learner policyWithValueHead(boolean zero, double headRate) {
        return trained(setup.policyWithValueHead(from, zero), headRate);
    }

    private Learner trained(PolicyModel model, double headRate) {
        Learner learner = learner(model, headRate, from);
        policy = learner;
        guards = new Guards(learner.optimizer());
        if (!states.contains(memory)) {
            states.add(memory);
        }
        return learner;
    }

    /** A critic that shares nothing with the policy: a copy of the starting model with a value head, and an optimiser of its own. */
    public Learner critic(boolean zero, double headRate) {
        Optional<Run.Checkpoint> stored =
                from.map(all -> new Run.Checkpoint(all.step(), all.folder().resolve(CRITIC), all.score()));
        Learner learner = learner(setup.policyWithValueHead(stored, zero), headRate, stored);
        critic = learner;
        return learner;
    }

    private Learner learner(PolicyModel model, double headRate, Optional<Run.Checkpoint> checkpoint) {
        memory.apply(model);
        AdamW adamW = new AdamW(model.trained(), model.valueHead(), headRate, config.optimizer());
        Learner learner = new Learner(model, adamW, memory);
        try {
            checkpoint.ifPresent(learner::restore);
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
        return learner;
    }

    /** A classifier that is trained. */
    public ClassifierLearner classifier(RewardModel.Kind kind) {
        SequenceClassifier model = setup.classifier(from);
        memory.apply(model);
        AdamW adamW = new AdamW(model.backbone(), model.head(), 1, config.optimizer());
        ClassifierLearner learner = new ClassifierLearner(model, adamW, memory, kind);
        classifier = learner;
        from.ifPresent(stored -> TrainerState.restore(adamW, stored));
        guards = new Guards(adamW);
        states.add(memory);
        return learner;
    }

    /** A frozen copy of the starting model; with adapters it shares the policy's base. To be closed before the policy. */
    public Scorer reference(Learner beside) {
        return frozen(setup.reference(beside.model()));
    }

    /** A model for inference only. */
    Scorer frozen(PolicyModel model) {
        memory.apply(model);
        return new Scorer(model, memory);
    }

    /** The sampling of an algorithm whose policy writes what it learns from. */
    public Sampling sampling(
            RolloutConfig rollout,
            OptionalInt minibatch,
            double graderFailures,
            ControlGrader.Control control,
            RewardRule reward) {
        return new Sampling(this, rollout, minibatch, graderFailures, control, reward, config.seed());
    }

    /** Measures this loss too, from here on: wherever the model is measured, and at steps between. */
    public void measure(HeldOutLoss loss) {
        heldOut = loss;
    }

    /**
     * The loss of what is held out, at a step between measurements.
     *
     * @param step counted from the first of a span
     * @param steps of the span
     */
    Map<String, Double> heldOut(int step, int steps) {
        return heldOut == null ? Map.of() : heldOut.at(step, steps);
    }

    /** Tokens of models that judged, since the last call. */
    Map<String, Double> judged() {
        return judged.take();
    }

    /** The guards of what is trained. */
    Guards guards() {
        if (guards == null) {
            throw new IllegalStateException("nothing is trained yet");
        }
        return guards;
    }

    /** The measurement of a run's beginning. */
    public enum Baseline {
        /** Measured, and kept as checkpoint 0. */
        KEPT,
        /** Measured and not kept. */
        MEASURED,
        /** Not measured: a new model answers nothing, and takes longest to say so. */
        NONE
    }

    /** The remaining steps of {@code count}. */
    public Iterable<Step> steps(int count) {
        return steps(count, Baseline.KEPT, null);
    }

    /** The same for an algorithm that passes over stored items, a batch a step. */
    public Iterable<Step> epochs(EpochBatches batches, Baseline baseline) {
        return steps(batches.steps(), baseline, batches);
    }

    /**
     * The steps of one round of a run that has several.
     *
     * @param begin the step before the round's first update
     * @param end the round's last step
     * @param shown number of steps of the whole run, as far as it is known
     */
    public Iterable<Step> round(int begin, int end, int shown, EpochBatches batches) {
        int first = from.map(Run.Checkpoint::step).orElse(begin) + 1;
        return iterate(new Span(first, end, shown, begin, false), batches);
    }

    private Iterable<Step> steps(int count, Baseline baseline, @Nullable EpochBatches batches) {
        int first = from.map(Run.Checkpoint::step).orElse(0) + 1;
        run.emit(new RunEvent.Started(first - 1, count, name));
        if (first == 1
                && policy != null
                && baseline != Baseline.NONE
                && config.evaluate().every() > 0) {
            double score = score(validate(0, policy.model()));
            if (baseline == Baseline.KEPT) {
                checkpoint(0, score);
            }
        }
        return iterate(new Span(first, count, count, 0, true), batches);
    }

    /**
     * Some steps of a run.
     *
     * @param first the next step
     * @param last the last step
     * @param shown number of steps of the whole run
     * @param before number of earlier steps that do not count for the learning rate and the order of batches
     * @param whole true if these are the last steps of the run
     */
    record Span(int first, int last, int shown, int before, boolean whole) {}

    private Iterable<Step> iterate(Span span, @Nullable EpochBatches batches) {
        return () -> new Iterator<>() {
            private int next = span.first();

            @Override
            public boolean hasNext() {
                if (next > span.last() && span.whole()) {
                    run.emit(new RunEvent.Finished(span.last(), RunEvent.Outcome.DONE));
                }
                return next <= span.last();
            }

            @Override
            public Step next() {
                if (next > span.last()) {
                    throw new NoSuchElementException("no step after " + span.last());
                }
                memory.begin(next);
                double rate = config.optimizer().rate(next - span.before(), span.last() - span.before());
                return new Step(Trainer.this, next++, span, rate, batches);
            }
        };
    }

    /** The learner's state of a run that begins another part of itself comes from this checkpoint. */
    public void from(Optional<Run.Checkpoint> checkpoint) {
        from = checkpoint;
    }

    /** True if a checkpoint is due by time; to be called once a step. */
    boolean checkpointDue(int step) {
        return clock.due(step);
    }

    boolean measurementDue(int step) {
        return Guards.due(config.evaluate().every(), step);
    }

    /** The score of what is trained on the validation questions. */
    public double measure(int step) {
        if (policy == null) {
            throw new IllegalStateException("no policy is trained");
        }
        return score(validate(step, policy.model()));
    }

    /** The Euclidean norm of all that is trained. */
    double parameterNorm() {
        return policy == null ? Double.NaN : policy.optimizer().norm();
    }

    /** Measures the model that training begins with, before a run of several parts. */
    public void baseline() {
        if (from.isEmpty() && config.evaluate().every() > 0) {
            try (PolicyModel start = setup.policy(Optional.empty())) {
                var _ = validate(0, start);
            }
        }
    }

    private Evaluation validate(int step, PolicyModel model) {
        EvaluateConfig evaluate = config.evaluate();
        List<Question> questions = setup.data().validation();
        if (evaluate.questions() > 0 && evaluate.questions() < questions.size()) {
            questions = questions.subList(0, evaluate.questions());
        }
        int total = questions.size();
        Map<String, Double> loss = heldOut == null ? Map.of() : heldOut.whole();
        Evaluation evaluation = Evaluator.sampled(
                        model.decoder(),
                        setup.prompts(),
                        questions,
                        setup.grader(),
                        evaluate.sampling(config.sampling()),
                        evaluate.samples(),
                        // Not of the step: what differs between two measurements is the model alone.
                        (question, sample) -> seeds().key(Seeds.Purpose.MEASURE, question, sample),
                        evaluate.batch(),
                        done -> run.emit(new RunEvent.Progress(step, "validating", done, total, "questions")))
                .with(loss, judged());
        Guards.gradable(evaluation, step);
        run.emit(new RunEvent.Evaluated(step, "validation", evaluation));
        Guards.cutOff(run, step, evaluation);
        return evaluation;
    }

    /** The score that the best checkpoint is chosen by: accuracy, or with a configured grader the mean reward. */
    private double score(Evaluation evaluation) {
        return config.grader() == null ? evaluation.accuracy() : evaluation.reward();
    }

    /** Writes a checkpoint: a plain Hugging Face or PEFT folder, with what only the trainer needs in {@code trainer/}. */
    public void checkpoint(int step, double score) {
        run.checkpoint(step, score, folder -> {
            clock.kept();
            ObjectNode state = TrainerState.empty();
            states.forEach(each -> each.save(state));
            if (classifier != null) {
                classifier.save(folder, setup, state);
                return;
            }
            if (policy != null) {
                save(folder, policy, state);
            }
            if (config.evaluate().keepAll() && !Double.isNaN(score)) {
                Run.keep(folder);
            }
            if (critic != null) {
                save(folder.resolve(CRITIC), critic, TrainerState.empty());
            }
        });
    }

    private void save(Path folder, Learner learner, ObjectNode state) {
        setup.write(folder, learner.model().decoder());
        learner.save(folder, state);
    }

    @Override
    public void close() {
        setup.close();
    }
}
