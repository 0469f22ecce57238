package org.reft4j.train.algorithm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.ReferenceScores;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.settings.DpoConfig;
import org.reft4j.train.settings.EpochBatches;

/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290) and its relatives: the policy learns to prefer the right one of two
 * stored samples of a question more than the frozen model that it began as.
 */
public final class DpoRecipe implements Recipe<DpoConfig> {

    @Override
    public void run(DpoConfig config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("dpo", config, config.optimizer(), run, tools)) {
            List<Pairs.Pair> pairs = pairs(config, trainer.setup(), run);
            Optional<double[]> reference = ReferenceScores.of(Pairs.rows(pairs), config.model(), trainer);
            if (reference.isEmpty()) {
                run.emit(new RunEvent.Finished(0, RunEvent.Outcome.STOPPED));
                return;
            }
            EpochBatches batches = new EpochBatches(pairs.size(), config.batch(), config.epochs());
            try (Learner model = trainer.policy()) {
                for (Step step : trainer.epochs(batches, Trainer.Baseline.KEPT)) {
                    // 1. The next pairs of this epoch's order, with what the reference says of them.
                    int[] places = step.batch();
                    List<Pairs.Pair> some =
                            Arrays.stream(places).mapToObj(pairs::get).toList();
                    double[] frozen = Pairs.scores(places, pairs.size(), reference.get());

                    // 2. What the policy has still to learn of them, and one step of the optimiser.
                    PreferenceMetrics metrics = model.forwardBackward(
                            Pairs.batch(some), () -> new PreferenceMetrics(some, frozen, config.preference()));
                    step.update(model, metrics.loss(), metrics.values());

                    // 3. Measure, keep, end.
                    if (!step.end()) {
                        return;
                    }
                }
            }
        }
    }

    /** The pairs that are learned from. */
    public static List<Pairs.Pair> pairs(DpoConfig config, Setup setup, Run run) {
        SampleRows rows = new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return Pairs.of(setup.samples(config), config, rows, run);
    }
}
