package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.model.TokenHits;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.HeldOutLoss;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.UpdateSize;

/**
 * Supervised fine-tuning (ReFT, section 3.1, equation 1): batch of annotated questions, cross-entropy on the chain of
 * thought and its end, one optimiser step.
 */
public final class SftRecipe implements Recipe<SftRecipe.Settings> {
    /**
     * Supervised fine-tuning on annotated questions (ReFT, section 3.1).
     *
     * @param batch rows per optimiser step
     * @param epochs passes over the annotated training questions; may be a fraction
     * @param maxTokens longest row in tokens; longer rows are cut off
     */
    @KeyOrder(RunSettings.PASSES)
    public record Settings(
            @JsonUnwrapped RunSettings run,
            @JsonUnwrapped PolicySettings policy,
            int batch,
            double epochs,
            int maxTokens)
            implements RecipeConfig {
        /** Default values. */
        public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
                "sft",
                Map.ofEntries(
                        Map.entry("batch", 48),
                        Map.entry("epochs", 40.0),
                        Map.entry("max-tokens", 1024),
                        Map.entry("optimizer", OptimizerConfig.SFT),
                        Map.entry("evaluate", EvaluateConfig.DEFAULT)));

        public Settings {
            ConfigException.check(batch > 0, "batch", batch, "a positive number");
            ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
            ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        }

        @Override
        public UpdateSize update() {
            return new UpdateSize(batch, maxTokens);
        }

        @Override
        public boolean measuredFirst() {
            return run.model().fresh() == null;
        }
    }

    @Override
    public void run(Settings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("sft", config, run, tools);
                Learner model = trainer.policy()) {
            List<Row> rows = rows(trainer.setup(), config);
            EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
            // Supervised training hands on what it has trained: the start is not kept.
            Trainer.Baseline baseline = config.measuredFirst() ? Trainer.Baseline.MEASURED : Trainer.Baseline.NONE;

            // Rows of a validation file show when the model begins to learn by heart.
            List<Row> held = HeldOutLoss.wanted(config) ? validation(trainer.setup(), config) : List.of();
            TokenHits hits = held.isEmpty() && !config.evaluate().tokenAccuracy() ? null : new TokenHits();
            if (!held.isEmpty()) {
                trainer.measure(HeldOutLoss.of(held, config.batch(), model));
            }

            for (Step step : trainer.epochs(batches, baseline)) {
                // 1. The next rows of this epoch's order.
                List<Row> some = step.batch(rows);

                // 2. Mean cross-entropy over all completion tokens of the batch, and one step of the optimiser.
                double loss = model.crossEntropy(some, 1, hits);
                step.update(model, loss, Map.of("loss", loss));
                if (hits != null) {
                    step.figure(HeldOutLoss.TOKEN_ACCURACY, HeldOutLoss.share(hits));
                }
                step.figure("tokens", some.stream().mapToInt(Row::length).sum());

                // 3. Measure, keep, end.
                if (!step.end()) {
                    return;
                }
            }
        }
    }

    /** The rows to train on: a prompt and its annotated chain each. */
    public static List<Row> rows(Setup setup, Settings config) {
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        List<Row> rows = setup.data().train().stream()
                .flatMap(question -> targets.annotated(question).stream())
                .toList();
        if (rows.isEmpty()) {
            throw new ConfigException("data has no annotated training question that fits into max-tokens "
                    + targets.maxTokens() + "; supervised training needs chains of thought");
        }
        return rows;
    }

    /** The rows of the validation questions that have an annotated chain. */
    private static List<Row> validation(Setup setup, Settings config) {
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return setup.data().validation().stream()
                .flatMap(question -> targets.annotated(question).stream())
                .toList();
    }

    @Override
    public void plan(Settings config, Dataset data, BatchArithmetic plan) {
        long rows = BatchArithmetic.annotated(data);
        OptimizerConfig optimizer = config.optimizer();
        EpochBatches batches = new EpochBatches(Math.max(1, rows), config.batch(), config.epochs());
        long perEpoch = batches.perEpoch();
        int steps = batches.steps();
        long last = rows % config.batch();
        plan.say(
                "%d annotated questions / %d a batch = %d steps an epoch%s",
                rows, config.batch(), perEpoch, last == 0 ? "" : " (the last of " + last + ")");
        plan.say(
                "%d steps an epoch x %s epochs = %d steps, one update each",
                perEpoch, Results.plain(config.epochs()), steps);
        plan.say(
                "learning rate: up to %s during the first %d steps, then %s",
                Results.plain(optimizer.learningRate()),
                Math.round(optimizer.warmup() * steps),
                optimizer.schedule() == OptimizerConfig.Schedule.LINEAR ? "down to 0 at the last" : "constant");
        plan.count("questions", rows);
        plan.count("steps-per-epoch", perEpoch);
        plan.count("steps", steps);
        plan.oneUpdateEach();
        plan.takes(0, Math.min((double) steps * config.batch(), Math.max(1, rows) * config.epochs()), steps);
    }

    @Override
    public RunTexts texts(Settings config, Setup setup, Run run) {
        return RunTexts.learned("annotated rows", rows(setup, config), setup.rowTokens(config.maxTokens()));
    }
}
