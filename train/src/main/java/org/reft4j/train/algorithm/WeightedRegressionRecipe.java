package org.reft4j.train.algorithm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.WeightedRegressionConfig;

/**
 * Weighted regression on stored samples: supervised training in which a completion counts the more, the better it was paid (RWR, Peters and
 * Schaal 2007; AWR, Peng et al. 2019, arXiv:1910.00177, algorithm 1).
 */
public final class WeightedRegressionRecipe implements Recipe<WeightedRegressionConfig> {

    @Override
    public void run(WeightedRegressionConfig config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("weighted-regression", config, config.optimizer(), run, tools)) {
            List<WeightedRow> samples = samples(config, trainer.setup(), run);
            EpochBatches batches = new EpochBatches(samples.size(), config.batch(), config.epochs());
            try (Learner model = trainer.policy()) {
                for (Step step : trainer.epochs(batches, Trainer.Baseline.KEPT)) {
                    // 1. The next completions of this epoch's order.
                    List<WeightedRow> some = step.batch(samples);
                    List<Row> rows = some.stream().map(WeightedRow::row).toList();

                    // 2. Weighted cross-entropy, as a mean over all completion tokens of the batch, and one step of the
                    // optimiser.
                    double loss = model.forwardBackward(
                            Batch.of(rows),
                            () -> new WeightedCrossEntropy(
                                    rows,
                                    some.stream()
                                            .mapToDouble(WeightedRow::weight)
                                            .toArray()));
                    Map<String, Double> figures = figures(some);
                    figures.put("loss", loss);
                    step.update(model, loss, figures);

                    // 3. Measure, keep, end.
                    if (!step.end()) {
                        return;
                    }
                }
            }
        }
    }

    /** The completions that are learned from. */
    public static List<WeightedRow> samples(WeightedRegressionConfig config, Setup setup, Run run) {
        return WeightedRow.of(
                setup.samples(config),
                config,
                config.samplesPerQuestion(),
                config.regression()::of,
                new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens())),
                run);
    }

    private static Map<String, Double> figures(List<WeightedRow> some) {
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
