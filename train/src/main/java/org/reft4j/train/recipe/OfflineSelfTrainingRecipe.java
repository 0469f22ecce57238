package org.reft4j.train.recipe;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Offline self-training (ReFT, section 4.2): the warm-up samples many completions of every question, what is right and different is kept,
 * and the base model is trained on it and on the annotated data. With {@code iterate} the best model of a round samples for the next.
 */
final class OfflineSelfTrainingRecipe implements Recipe<OfflineSelfTrainingConfig> {

    @Override
    public void run(OfflineSelfTrainingConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools);
                Grading grading = setup.grading(ControlGrader.Control.NONE, RewardRule.REFT)) {
            Questioner questioner = new Questioner(setup, config.rollout().questioning(), config.seed(), run);
            SelfTrainingRound round = run.latest()
                    .map(checkpoint -> SelfTrainingRound.of(TrainerState.read(checkpoint)))
                    .orElse(SelfTrainingRound.FIRST);
            int done = run.latest().map(Run.Checkpoint::step).orElse(0);
            run.emit(new RunEvent.Started(done, 0, "offline-self-training"));
            if (done == 0 && config.evaluate().every() > 0 && config.trained().fresh() == null) {
                try (PolicyModel start = setup.policy(Optional.empty())) {
                    setup.begin(1, start, Setup.Keep.NOTHING);
                }
            }

            while (round.number() <= config.iterate()) {
                // 1. question -> completions -> grades: what is right, and different, of each question.
                Optional<RoundSamples> samples = RoundSamples.of(config, round, run, setup, questioner, grading);
                if (samples.isEmpty()) {
                    run.emit(new RunEvent.Finished(round.begin() - 1, "stopped"));
                    return;
                }
                // 2. At most so many of them, and the annotated data.
                Map<String, List<String>> kept = kept(samples.get().right(), round, config, setup);
                List<Row> rows = rows(kept, config, setup);
                tell(samples.get(), kept, rows, round, config, run);

                // 3. Supervised training of the base model on these rows.
                Optional<SelfTrainingRound> next = train(round, rows, config, setup, run);
                if (next.isEmpty()) {
                    return;
                }
                round = next.get();
            }
            run.emit(new RunEvent.Finished(round.begin() - 1, "done"));
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

    /** @return the round to go on with; empty if an end was asked for */
    private static Optional<SelfTrainingRound> train(
            SelfTrainingRound begun, List<Row> rows, OfflineSelfTrainingConfig config, Setup setup, Run run) {
        Optional<Run.Checkpoint> from = run.latest().filter(checkpoint -> checkpoint.step() > begun.begin());
        SelfTrainingRound round = begun;
        try (PolicyModel model = setup.policy(from);
                AdamW optimizer = new AdamW(model.trained(), List.of(), 1, config.optimizer())) {
            MicroBatches parts = setup.microBatches(model);
            from.ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
            Guards guards = new Guards(optimizer);
            Seeds seeds = new Seeds(config.seed());
            EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
            int updates = batches.steps();
            int end = begun.begin() + updates;

            for (int step = from.map(Run.Checkpoint::step).orElse(begun.begin()) + 1; step <= end; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next rows of this epoch's order.
                int update = step - begun.begin();
                int[] batch = batches.items(update, seeds, round.number());
                List<Row> some = Arrays.stream(batch).mapToObj(rows::get).toList();

                // 2. Mean cross-entropy over all completion tokens of the batch; gradients add up over its parts.
                double loss = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    return CrossEntropy.backward(some, 1, tokens, model);
                });
                guards.finite("loss", loss, step);

                // 3. One step of the optimiser.
                double rate = config.optimizer().rate(update, updates);
                double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, norm, run, step);

                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("loss", loss);
                figures.put(
                        "tokens", (double) some.stream().mapToInt(Row::length).sum());
                figures.put("round", (double) round.number());
                double seconds = (System.nanoTime() - begin) / 1e9;
                run.emit(new BatchFigures(figures, rate, norm, batches.epoch(update), seconds)
                        .at(step, steps(config, round, rows.size())));

                // 4. Measure, keep, end.
                boolean last = step == end || run.stopRequested();
                boolean measure = step == end || Guards.due(config.evaluate().every(), step);
                double score = measure ? setup.score(setup.validate(step, model)) : Double.NaN;
                round = measure ? round.measured(step, score) : round;
                SelfTrainingRound next = round.next(end);
                if (round.best() == step && next.number() <= config.iterate()) {
                    next.keep(run, folder -> setup.write(folder, model.decoder()));
                }
                if (setup.clock.due(step) || last || measure) {
                    SelfTrainingRound state = step == end ? next : round;
                    setup.save(step, score, model, optimizer, parts.save(state.save(TrainerState.empty())));
                    next.dropOthers(run);
                }
                if (last && step < end) {
                    run.emit(new RunEvent.Finished(step, "stopped"));
                    return Optional.empty();
                }
            }
            return Optional.of(round.next(end));
        }
    }

    /** As many as there will be if every round to come has as many rows as this one. */
    private static int steps(OfflineSelfTrainingConfig config, SelfTrainingRound round, int rows) {
        long each = 1 + config.updates(rows);
        return Math.toIntExact(round.begin() - 1 + (config.iterate() - round.number() + 1) * each);
    }
}
