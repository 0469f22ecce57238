package org.reft4j.train.algorithm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.ReferenceScores;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.loss.KtoLoss;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.settings.EpochBatches;

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv:2402.01306): the policy learns to write right samples more and wrong ones less
 * often than the frozen model that it began as, measured from how far it has moved in all.
 */
public final class KtoRecipe implements Recipe<KtoSettings> {

    @Override
    public void run(KtoSettings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("kto", config, run, tools)) {
            List<WeightedRow> samples = samples(config, trainer.setup(), run);
            // The completions by themselves, then each after the prompt of another question.
            List<Row> rows =
                    new ArrayList<>(samples.stream().map(WeightedRow::row).toList());
            rows.addAll(mismatched(samples, config, trainer.setup()));
            Optional<double[]> reference = ReferenceScores.of(rows, config.model(), trainer);
            if (reference.isEmpty()) {
                run.emit(new RunEvent.Finished(0, RunEvent.Outcome.STOPPED));
                return;
            }
            EpochBatches batches = new EpochBatches(samples.size(), config.batch(), config.epochs());
            try (Learner model = trainer.policy()) {
                for (Step step : trainer.epochs(batches, Trainer.Baseline.KEPT)) {
                    // 1. The next completions of this epoch's order.
                    int[] batch = step.batch();
                    List<WeightedRow> some =
                            Arrays.stream(batch).mapToObj(samples::get).toList();

                    // 2. How far the policy has moved, by completions of other questions.
                    int[] others =
                            Arrays.stream(batch).map(i -> samples.size() + i).toArray();
                    double point = KtoLoss.point(model.sums(pick(rows, others)), pick(reference.get(), others));

                    // 3. What the policy has still to learn, and one step of the optimiser.
                    double[] frozen = pick(reference.get(), batch);
                    KtoLosses losses = model.forwardBackward(
                            Batch.of(pick(rows, batch)), () -> new KtoLosses(some, frozen, point, config.kto()));
                    Map<String, Double> figures = losses.values();
                    figures.put("kl-point", point);
                    step.update(model, losses.loss(), figures);

                    // 4. Measure, keep, end.
                    if (!step.end()) {
                        return;
                    }
                }
            }
        }
    }

    /** The completions that are learned from. */
    public static List<WeightedRow> samples(KtoSettings config, Setup setup, Run run) {
        return WeightedRow.of(
                setup.samples(config),
                config,
                config.samplesPerQuestion(),
                double[]::clone,
                new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens())),
                run);
    }

    public static List<Row> mismatched(List<WeightedRow> samples, KtoSettings config, Setup setup) {
        return mismatched(samples, new Seeds(config.seed()), config, setup.rowTokens(config.maxTokens()));
    }

    /**
     * To each sample's prompt the completion of a sample of another question, the next such in a random order of all; cut where the row would
     * be too long.
     *
     * @throws ConfigException if all are of one question
     */
    public static List<Row> mismatched(List<WeightedRow> samples, Seeds seeds, KtoSettings config, int maxTokens) {
        int size = samples.size();
        int[] order = seeds.permutation(size, Seeds.Purpose.KEEP);
        Row[] rows = new Row[size];
        for (int i = 0; i < size; i++) {
            WeightedRow sample = samples.get(order[i]);
            int next = 1;
            while (next < size && samples.get(order[(i + next) % size]).question() == sample.question()) {
                next++;
            }
            if (next >= size) {
                throw new ConfigException("samples.path is " + config.samples().path()
                        + ", which holds samples of one question only; KTO needs those of others to compare with");
            }
            WeightedRow other = samples.get(order[(i + next) % size]);
            Tokens completion = other.row().completion();
            int room = maxTokens - sample.row().prompt().size();
            rows[order[i]] = new Row(sample.row().prompt(), completion.slice(0, Math.min(room, completion.size())));
        }
        return List.of(rows);
    }

    private static List<Row> pick(List<Row> rows, int[] places) {
        return Arrays.stream(places).mapToObj(rows::get).toList();
    }

    private static double[] pick(double[] values, int[] places) {
        return Arrays.stream(places).mapToDouble(i -> values[i]).toArray();
    }

    @Override
    public void plan(KtoSettings config, Dataset data, BatchArithmetic plan) {
        long steps =
                plan.stored(config, SampleSource.read(Path.of(config.samples().path()), data.train()));
        double trained = (double) steps * config.batch();
        plan.takes(trained + 2 * trained / config.epochs(), trained, steps);
    }

    @Override
    public RunTexts texts(KtoSettings config, Setup setup, Run run) {
        List<WeightedRow> samples = samples(config, setup, run);
        List<Row> _ = mismatched(samples, config, setup);
        List<Row> rows = samples.stream().map(WeightedRow::row).toList();
        return RunTexts.learned("samples", rows, setup.rowTokens(config.maxTokens()));
    }
}
