package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Weighted regression on stored samples: supervised training in which a completion counts the more, the better it was paid (RWR, Peters and
 * Schaal 2007; AWR, Peng et al. 2019, arXiv:1910.00177, algorithm 1).
 */
final class WeightedRegressionRecipe implements Recipe<WeightedRegressionConfig> {

    @Override
    public void run(WeightedRegressionConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools)) {
            train(samples(config, setup, run), config, setup, run);
        }
    }

    /** The completions that are learned from. */
    static List<WeightedRow> samples(WeightedRegressionConfig config, Setup setup, Run run) {
        return WeightedRow.of(
                setup.samples(config),
                config,
                config.samplesPerQuestion(),
                config.regression()::of,
                new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens())),
                run);
    }

    private static void train(List<WeightedRow> samples, WeightedRegressionConfig config, Setup setup, Run run) {
        try (PolicyModel model = setup.policy(run.latest());
                AdamW optimizer = new AdamW(model.trained(), List.of(), 1, config.optimizer())) {
            MicroBatches parts = setup.microBatches(model);
            run.latest().ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
            Guards guards = new Guards(optimizer);
            Seeds seeds = new Seeds(config.seed());
            EpochBatches batches = new EpochBatches(samples.size(), config.batch(), config.epochs());
            int steps = batches.steps();
            Setup.Keep keep =
                    (step, score) -> setup.save(step, score, model, optimizer, parts.save(TrainerState.empty()));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, steps, "weighted-regression"));
            setup.begin(first, model, keep);

            for (int step = first; step <= steps; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next completions of this epoch's order.
                int[] batch = batches.items(step, seeds);
                List<Row> rows = new ArrayList<>();
                double[] weights = new double[batch.length];
                for (int i = 0; i < batch.length; i++) {
                    rows.add(samples.get(batch[i]).row());
                    weights[i] = samples.get(batch[i]).weight();
                }

                // 2. Weighted cross-entropy, as a mean over all completion tokens of the batch; gradients add up over
                // its parts.
                double loss = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    return CrossEntropy.backward(rows, weights, tokens, model);
                });
                guards.finite("loss", loss, step);

                // 3. One step of the optimiser.
                double rate = config.optimizer().rate(step, steps);
                double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, norm, run, step);

                Map<String, Double> figures = figures(samples, batch);
                figures.put("loss", loss);
                double seconds = (System.nanoTime() - begin) / 1e9;
                run.emit(new BatchFigures(figures, rate, norm, batches.epoch(step), seconds).at(step, steps));

                // 4. Measure, keep, end.
                if (setup.stops(step, steps, model, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(steps, "done"));
        }
    }

    private static Map<String, Double> figures(List<WeightedRow> samples, int[] batch) {
        List<WeightedRow> some = Arrays.stream(batch).mapToObj(samples::get).toList();
        double weights = some.stream().mapToDouble(WeightedRow::weight).sum();
        double squares =
                some.stream().mapToDouble(each -> each.weight() * each.weight()).sum();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(
                "reward",
                some.stream().mapToDouble(WeightedRow::reward).average().orElseThrow());
        figures.put("weight-mean", weights / some.size());
        figures.put(
                "weight-max",
                some.stream().mapToDouble(WeightedRow::weight).max().orElseThrow());
        figures.put("effective-samples", weights * weights / squares);
        figures.put("tokens", (double)
                some.stream().mapToLong(each -> each.row().length()).sum());
        return figures;
    }
}
