package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Batch;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.loss.RegressionConfig;
import org.reft4j.train.run.Run;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.StoredSamplesConfig;
import org.reft4j.train.settings.StoredSettings;

/**
 * Weighted regression on stored samples: supervised training in which a completion counts the more, the higher its reward (RWR, Peters and
 * Schaal 2007; AWR, Peng et al. 2019, arXiv:1910.00177, algorithm 1).
 */
public final class WeightedRegressionRecipe implements Recipe<WeightedRegressionRecipe.Settings> {
    /**
     * Supervised training on stored samples, each weighted by its reward (RWR) or its advantage (AWR, arXiv:1910.00177).
     *
     * @param samplesPerQuestion most samples used of one question, chosen at random; 0 for all
     */
    @KeyOrder(RunSettings.PASSES)
    public record Settings(
            @JsonUnwrapped RunSettings run,
            @JsonUnwrapped PolicySettings policy,
            @JsonUnwrapped StoredSettings stored,
            int samplesPerQuestion,
            RegressionConfig regression)
            implements StoredSamplesConfig {
        /** Default values. */
        public static final Map<String, Object> DEFAULTS = StoredSamplesConfig.defaults(
                "weighted-regression",
                Map.ofEntries(
                        Map.entry("samples-per-question", 0),
                        Map.entry("regression", RegressionConfig.AWR),
                        Map.entry("batch", 48),
                        Map.entry("optimizer", OptimizerConfig.SFT)));

        public Settings {
            ConfigException.check(
                    samplesPerQuestion >= 0, "samples-per-question", samplesPerQuestion, "0 (all) or more");
            run.requireWriter();
        }

        @Override
        public String unit() {
            return "completions";
        }

        @Override
        public long units(List<ScoredSample> ofQuestion) {
            return StoredSamplesConfig.completions(ofQuestion, samplesPerQuestion);
        }
    }

    @Override
    public void run(Settings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("weighted-regression", config, run, tools)) {
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
                    Map<String, Double> figures = WeightedRow.figures(some);
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
    private static List<WeightedRow> samples(Settings config, Setup setup, Run run) {
        return WeightedRow.of(
                setup.samples(config),
                config,
                config.samplesPerQuestion(),
                config.regression()::of,
                new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens())),
                run);
    }

    @Override
    public void plan(Settings config, Dataset data, BatchArithmetic plan) {
        long steps =
                plan.stored(config, SampleSource.read(Path.of(config.samples().path()), data.train()));
        plan.takes(0, (double) steps * config.batch(), steps);
    }

    @Override
    public RunTexts texts(Settings config, Setup setup, Run run) {
        List<Row> rows =
                samples(config, setup, run).stream().map(WeightedRow::row).toList();
        return RunTexts.learned("samples", rows, setup.rowTokens(config.maxTokens()));
    }
}
