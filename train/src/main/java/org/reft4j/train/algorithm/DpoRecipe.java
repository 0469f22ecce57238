package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.HeldOutLoss;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.ReferenceScores;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.loss.PreferenceConfig;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.StoredSamplesConfig;
import org.reft4j.train.settings.StoredSettings;
import org.reft4j.train.settings.UpdateSize;

/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290) and its relatives: the policy learns to prefer the right one of two
 * stored samples of a question more than the frozen model that it began as.
 */
public final class DpoRecipe implements Recipe<DpoRecipe.Settings> {
    /**
     * Direct preference optimisation (arXiv:2305.18290) on pairs of a right and a wrong sample of a question.
     *
     * @param pairsPerQuestion most pairs of one question, chosen at random without repetition
     */
    @KeyOrder(RunSettings.PASSES)
    public record Settings(
            @JsonUnwrapped RunSettings run,
            @JsonUnwrapped PolicySettings policy,
            @JsonUnwrapped StoredSettings stored,
            int pairsPerQuestion,
            PreferenceConfig preference)
            implements StoredSamplesConfig {
        /** Default values; the optimiser's are those of the DPO paper, with AdamW. */
        public static final Map<String, Object> DEFAULTS = StoredSamplesConfig.defaults(
                "dpo",
                Map.ofEntries(
                        Map.entry("pairs-per-question", 4),
                        Map.entry("preference", PreferenceConfig.DPO),
                        Map.entry("batch", 32),
                        Map.entry("optimizer", OptimizerConfig.SFT.withRate(1e-6))));

        public Settings {
            ConfigException.check(pairsPerQuestion > 0, "pairs-per-question", pairsPerQuestion, "a positive number");
            run.requireWriter();
        }

        @Override
        public String unit() {
            return "pairs";
        }

        @Override
        public long units(List<ScoredSample> ofQuestion) {
            long graded = ofQuestion.stream().filter(ScoredSample::graded).count();
            long right = ofQuestion.stream()
                    .filter(ScoredSample::graded)
                    .filter(ScoredSample::right)
                    .count();
            return Math.min(pairsPerQuestion, right * (graded - right));
        }

        @Override
        public UpdateSize update() {
            return new UpdateSize(2L * batch(), maxTokens());
        }
    }

    @Override
    public void run(Settings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("dpo", config, run, tools)) {
            List<Pairs.Pair> pairs = pairs(config, trainer.setup(), run);
            // Pairs of a validation file show when the policy begins to learn by heart.
            List<Pairs.Pair> held = heldOut(config, trainer.setup());
            Optional<double[]> reference = ReferenceScores.of(Pairs.rows(pairs), config.model(), trainer);
            Optional<double[]> heldReference = reference.isEmpty()
                    ? reference
                    : ReferenceScores.heldOut(Pairs.rows(held), config.model(), trainer);
            if (reference.isEmpty() || heldReference.isEmpty()) {
                run.emit(new RunEvent.Finished(0, RunEvent.Outcome.STOPPED));
                return;
            }
            EpochBatches batches = new EpochBatches(pairs.size(), config.batch(), config.epochs());
            boolean accuracy = !held.isEmpty() || config.evaluate().tokenAccuracy();
            try (Learner model = trainer.policy()) {
                if (!held.isEmpty()) {
                    trainer.measure(loss(config, held, heldReference.get(), model));
                }
                for (Step step : trainer.epochs(batches, Trainer.Baseline.KEPT)) {
                    // 1. The next pairs of this epoch's order, with what the reference says of them.
                    int[] places = step.batch();
                    List<Pairs.Pair> some =
                            Arrays.stream(places).mapToObj(pairs::get).toList();
                    double[] frozen = Pairs.scores(places, pairs.size(), reference.get());

                    // 2. What the policy has still to learn of them, and one step of the optimiser.
                    PreferenceMetrics metrics = model.forwardBackward(
                            Pairs.batch(some),
                            () -> new PreferenceMetrics(some, frozen, config.preference(), accuracy));
                    step.update(model, metrics.loss(), metrics.values());

                    // 3. Measure, keep, end.
                    if (!step.end()) {
                        return;
                    }
                }
            }
        }
    }

    /** The pairs of the validation file; none where there is no such file, or it has other rows. */
    private static List<Pairs.Pair> heldOut(Settings config, Setup setup) {
        if (!HeldOutLoss.wanted(config)) {
            return List.of();
        }
        SampleRows rows = new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return SampleSource.pairs(Path.of(String.valueOf(config.data().file(Split.VALIDATION))))
                .map(pairs -> Pairs.heldOut(pairs, rows))
                .orElse(List.of());
    }

    private static HeldOutLoss loss(Settings config, List<Pairs.Pair> pairs, double[] reference, Learner model) {
        return new HeldOutLoss(pairs.size(), config.batch(), places -> {
            List<Pairs.Pair> some = Arrays.stream(places).mapToObj(pairs::get).toList();
            double[] frozen = Pairs.scores(places, pairs.size(), reference);
            return model.figures(
                            Pairs.batch(some), () -> new PreferenceMetrics(some, frozen, config.preference(), true))
                    .heldOut();
        });
    }

    /** The pairs that are learned from. */
    private static List<Pairs.Pair> pairs(Settings config, Setup setup, Run run) {
        SampleRows rows = new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return Pairs.of(setup.samples(config), config, rows, run);
    }

    @Override
    public void plan(Settings config, Dataset data, BatchArithmetic plan) {
        long steps =
                plan.stored(config, SampleSource.read(Path.of(config.samples().path()), data.train()));
        double trained = 2.0 * steps * config.batch();
        plan.takes(trained / config.epochs(), trained, steps);
    }

    @Override
    public RunTexts texts(Settings config, Setup setup, Run run) {
        return RunTexts.learned("pairs", Pairs.rows(pairs(config, setup, run)), setup.rowTokens(config.maxTokens()));
    }
}
