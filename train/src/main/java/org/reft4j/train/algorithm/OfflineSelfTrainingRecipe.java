package org.reft4j.train.algorithm;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Questioner;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.OfflineSelfTrainingConfig;

/**
 * Offline self-training (ReFT, section 4.2): the warm-up samples many completions of every question, what is right and different is kept,
 * and the base model is trained on it and on the annotated data. With {@code iterate} the best model of a round samples for the next.
 */
final class OfflineSelfTrainingRecipe implements Recipe<OfflineSelfTrainingConfig> {

    @Override
    public void run(OfflineSelfTrainingConfig config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("offline-self-training", config, config.optimizer(), run, tools);
                Grading grading = trainer.setup().grading(ControlGrader.Control.NONE, RewardRule.REFT)) {
            Setup setup = trainer.setup();
            Questioner questioner = new Questioner(setup, config.rollout().questioning(), config.seed(), run);
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
                Map<String, List<String>> kept = kept(samples.get().right(), round, config, setup);
                List<Row> rows = rows(kept, config, setup);
                tell(samples.get(), kept, rows, round, config, run);

                // 3. Supervised training of the base model on these rows.
                trainer.from(run.latest().filter(checkpoint -> checkpoint.step() > round.begin()));
                if (!train(trainer, current, rows, config)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(current.round().begin() - 1, RunEvent.Outcome.DONE));
        }
    }

    private static Map<String, List<String>> kept(
            Map<String, List<String>> right, SelfTrainingRound round, OfflineSelfTrainingConfig config, Setup setup) {
        Seeds seeds = new Seeds(config.seed());
        Map<String, List<String>> kept = new LinkedHashMap<>();
        List<Question> questions = setup.data().train();
        for (int q = 0; q < questions.size(); q++) {
            List<String> chains = right.getOrDefault(questions.get(q).id(), List.of());
            int[] order = seeds.permutation(chains.size(), Seeds.Purpose.KEEP, round.number(), q);
            kept.put(questions.get(q).id(), SampleRows.atMost(config.keep(), chains, order));
        }
        return kept;
    }

    private static List<Row> rows(Map<String, List<String>> kept, OfflineSelfTrainingConfig config, Setup setup) {
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        List<Row> rows = setup.data().train().stream()
                .flatMap(
                        question -> ofQuestion(question, kept.getOrDefault(question.id(), List.of()), targets).stream())
                .toList();
        if (rows.isEmpty()) {
            throw new ConfigException(
                    "there is nothing to train on: no sample was right, and data has no annotated training question"
                            + " that fits into max-tokens " + targets.maxTokens()
                            + "; give a better warm-up as model.path, or annotated data");
        }
        return rows;
    }

    /** The kept chains and, unless it is one of them, the annotated one. */
    static Set<Row> ofQuestion(Question question, List<String> kept, Targets targets) {
        Set<Row> rows = new LinkedHashSet<>();
        kept.forEach(chain -> targets.written(question, chain).forEach(rows::add));
        rows.addAll(targets.annotated(question));
        return rows;
    }

    private static void tell(
            RoundSamples samples,
            Map<String, List<String>> kept,
            List<Row> rows,
            SelfTrainingRound round,
            OfflineSelfTrainingConfig config,
            Run run) {
        int chains = kept.values().stream().mapToInt(List::size).sum();
        if (chains == 0) {
            run.emit(new RunEvent.Warned(
                    round.begin(), "no sample was right; this round trains on the annotated data alone"));
        }
        Map<String, Double> metrics = new LinkedHashMap<>(samples.metrics());
        metrics.put("kept", (double) chains);
        metrics.put("rows", (double) rows.size());
        metrics.put("round", (double) round.number());
        run.emit(new RunEvent.Stepped(round.begin(), steps(config, round, rows.size()), metrics, samples.timings()));
    }

    /** One round of supervised training; whether it came to its end. */
    private static boolean train(
            Trainer trainer, SelfTrainingRound.Current current, List<Row> rows, OfflineSelfTrainingConfig config) {
        Run run = trainer.run();
        SelfTrainingRound begun = current.round();
        EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
        int end = begun.begin() + batches.steps();
        try (Learner model = trainer.policy()) {
            for (Step step : trainer.round(begun.begin(), end, steps(config, begun, rows.size()), batches)) {
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
                            run,
                            folder ->
                                    trainer.setup().write(folder, model.model().decoder()));
                }
                current.set(step.number() == end ? next : round);
                if (step.keeps()) {
                    trainer.checkpoint(step.number(), score);
                    next.dropOthers(run);
                }
                if (!step.goesOn()) {
                    return false;
                }
            }
            return true;
        }
    }

    /** As many as there will be if every round to come has as many rows as this one. */
    private static int steps(OfflineSelfTrainingConfig config, SelfTrainingRound round, int rows) {
        long each = 1 + config.updates(rows);
        return Math.toIntExact(round.begin() - 1 + (config.iterate() - round.number() + 1) * each);
    }
}
