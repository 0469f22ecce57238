package org.reft4j.train.algorithm;

import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.SftConfig;

/**
 * Supervised fine-tuning (ReFT, section 3.1, equation 1): batch of annotated questions, cross-entropy on the chain of
 * thought and its end, one optimiser step.
 */
public final class SftRecipe implements Recipe<SftConfig> {

    @Override
    public void run(SftConfig config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("sft", config, config.optimizer(), run, tools);
                Learner model = trainer.policy()) {
            List<Row> rows = rows(trainer.setup(), config);
            EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
            // Supervised training hands on what it has trained: the start is not kept.
            Trainer.Baseline baseline =
                    config.model().fresh() == null ? Trainer.Baseline.MEASURED : Trainer.Baseline.NONE;

            for (Step step : trainer.epochs(batches, baseline)) {
                // 1. The next rows of this epoch's order.
                List<Row> some = step.batch(rows);

                // 2. Mean cross-entropy over all completion tokens of the batch, and one step of the optimiser.
                double loss = model.crossEntropy(some, 1);
                step.update(model, loss, Map.of("loss", loss));
                step.figure("tokens", some.stream().mapToInt(Row::length).sum());

                // 3. Measure, keep, end.
                if (!step.end()) {
                    return;
                }
            }
        }
    }

    /** The annotated rows. */
    public static List<Row> rows(Setup setup, SftConfig config) {
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
}
