package org.reft4j.train.algorithm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.SameTokenizer;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.SelfTrainingRollout;

/**
 * Offline self-training (ReFT, section 4.2): the warm-up samples many completions of every question, what is right and different is kept,
 * and the base model is trained on it and on the annotated data. With {@code iterate} the best model of a round samples for the next.
 */
final class OfflineSelfTrainingRecipe implements Recipe<OfflineSelfTrainingSettings> {
    @Override
    public void run(OfflineSelfTrainingSettings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("offline-self-training", config, run, tools);
                Grading grading = trainer.setup().grading(ControlGrader.Control.NONE, RewardRule.REFT)) {
            Questioner questioner =
                    new Questioner(trainer.setup(), config.rollout().questioning(), config.seed(), run);
            SelfTrainingRound.Current current = trainer.keep(new SelfTrainingRound.Current());
            run.emit(
                    new RunEvent.Started(run.latest().map(Run.Checkpoint::step).orElse(0), 0, "offline-self-training"));
            if (config.trained().fresh() == null) {
                trainer.baseline();
            }

            while (current.round().number() <= config.iterate()) {
                SelfTrainingRound round = current.round();
                // 1. question -> completions -> grades: what is right, and different, of each question.
                Optional<RoundSamples> samples = RoundSamples.of(config, round, trainer, questioner, grading);
                if (samples.isEmpty()) {
                    run.emit(new RunEvent.Finished(round.begin() - 1, RunEvent.Outcome.STOPPED));
                    return;
                }
                // 2. Keep at most {@code keep} of them per question, and add the annotated data.
                RoundRows rows = RoundRows.of(samples.get().right(), round, config, trainer.setup());
                rows.tell(samples.get(), round, config, run);

                // 3. Supervised training of the base model on these rows.
                trainer.from(run.latest().filter(checkpoint -> checkpoint.step() > round.begin()));
                if (!train(trainer, current, rows.rows(), config)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(current.round().begin() - 1, RunEvent.Outcome.DONE));
        }
    }

    /** One round of supervised training; whether it came to its end. */
    private static boolean train(
            Trainer trainer, SelfTrainingRound.Current current, List<Row> rows, OfflineSelfTrainingSettings config) {
        SelfTrainingRound begun = current.round();
        EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
        int end = begun.begin() + batches.steps();
        try (Learner model = trainer.policy()) {
            for (Step step : trainer.round(begun.begin(), end, begun.steps(config, rows.size()), batches)) {
                // The next rows of this epoch's order, and one step of the optimiser.
                List<Row> some = step.batch(rows, begun.number());
                double loss = model.crossEntropy(some, 1);
                step.update(model, loss, Map.of("loss", loss));
                step.figure("tokens", some.stream().mapToInt(Row::length).sum());
                step.figure("round", begun.number());
                step.tell();

                // The best model of a round is kept to sample in the next.
                boolean measures = step.measures();
                double score = measures ? trainer.measure(step.number()) : Double.NaN;
                SelfTrainingRound round = measures ? current.round().measured(step.number(), score) : current.round();
                SelfTrainingRound next = round.next(end);
                if (round.best() == step.number() && next.number() <= config.iterate()) {
                    next.keep(
                            trainer.run(),
                            folder ->
                                    trainer.setup().write(folder, model.model().decoder()));
                }
                current.set(step.number() == end ? next : round);
                if (step.keeps()) {
                    trainer.checkpoint(step.number(), score);
                    next.dropOthers(trainer.run());
                }
                if (!step.goesOn()) {
                    return false;
                }
            }
            return true;
        }
    }

    @Override
    public void plan(OfflineSelfTrainingSettings config, Dataset data, BatchArithmetic plan) {
        SelfTrainingRollout rollout = config.rollout();
        long questions = data.train().size();
        long annotated = BatchArithmetic.annotated(data);
        long samples = questions * rollout.samples();
        long rows = annotated + questions * config.keep();
        long steps = config.mostSteps(annotated, questions);
        plan.say(
                "%d training questions x %d samples = %d completions a round, each at most %d tokens with its prompt",
                questions, rollout.samples(), samples, rollout.maxTotalTokens());
        plan.say(
                "at most %d right and different ones a question + %d annotated rows = at most %d rows",
                config.keep(), annotated, rows);
        plan.say(
                "rows / %d a batch x %s epochs = at most %d updates a round, from the base model",
                config.batch(), Results.plain(config.epochs()), config.updates(rows));
        plan.say(
                "%d rounds, each a step of sampling and a step for each update = at most %d steps",
                config.iterate(), steps);
        plan.parts(
                "completions are sampled %d at a time and stored after every %d questions; a batch goes through the model",
                rollout.batch(), rollout.questions());
        plan.count("questions", questions);
        plan.count("samples-per-round", samples);
        plan.count("annotated", annotated);
        plan.count("rows-at-most", rows);
        plan.count("steps-at-most", steps);
        plan.count("updates-per-step", 1);
        double rounds = config.iterate();
        plan.takes(new BatchArithmetic.Work(
                rounds * questions, rounds * samples, 0, rounds * config.epochs() * rows, steps));
    }

    @Override
    public RunTexts texts(OfflineSelfTrainingSettings config, Setup setup, Run run) {
        ModelSources.Source sampler = ModelSources.open(config.model(), config.seed());
        try (Tokenizer _ = sampler.tokenizer()) {
            SameTokenizer.require(sampler, setup.prompts());
        }
        return RunTexts.asked(new Questioner(setup, config.sampling(), config.seed(), run));
    }
}
