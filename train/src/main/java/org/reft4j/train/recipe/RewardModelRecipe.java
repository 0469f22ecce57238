package org.reft4j.train.recipe;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.decoder.SequenceClassifier;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.BinaryMetrics;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSource;

/**
 * A reward model (ReFT, section 4.4, after Cobbe et al. 2021; with labels of steps, Wang et al. 2023): batches of sampled chains of
 * thought, cross-entropy of a classifier on the trunk of a language model, one optimiser step each.
 */
final class RewardModelRecipe implements Recipe<RewardModelConfig> {
    /** Tokens that go through the model at once where only probabilities are wanted. */
    private static final int MEASURED_TOKENS = 4096;

    private static final int MEASURED_TOGETHER = 64;

    @Override
    public void run(RewardModelConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools)) {
            RewardExamples examples = examples(config, setup, run);
            try (SequenceClassifier model = setup.classifier(run.latest());
                    AdamW optimizer = new AdamW(model.trunk(), model.head(), 1, config.optimizer())) {
                train(config, run, setup, examples, model, optimizer);
            }
        }
    }

    /** The samples that it learns from and is measured by. */
    static RewardExamples examples(RewardModelConfig config, Setup setup, Run run) {
        requireSameBase(config, setup, run);
        return RewardExamples.of(config, setup.data(), setup.prompts(), setup.rowTokens(config.maxTokens()));
    }

    private static void train(
            RewardModelConfig config,
            Run run,
            Setup setup,
            RewardExamples examples,
            SequenceClassifier model,
            AdamW optimizer) {
        MicroBatches parts = setup.microBatches();
        parts.apply(model);
        run.latest().ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
        Guards guards = new Guards(optimizer);
        Seeds seeds = new Seeds(config.seed());
        RewardModel.Kind kind =
                new RewardModel.Kind(config.labels(), config.data().cot());
        List<LabelledPassage> taught = examples.taught();
        EpochBatches batches = new EpochBatches(taught.size(), config.batch(), config.epochs());
        int steps = batches.steps();
        int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
        run.emit(new RunEvent.Started(first - 1, steps, "reward-model"));

        for (int step = first; step <= steps; step++) {
            long begin = System.nanoTime();
            parts.begin(step);
            // 1. The next samples of this epoch's order.
            int[] batch = batches.items(step, seeds);
            List<LabelledPassage> some =
                    Arrays.stream(batch).mapToObj(taught::get).toList();

            // 2. Mean cross-entropy over all labels of the batch; gradients add up over its parts.
            double loss = parts.fit(tokens -> {
                optimizer.zeroGradients();
                return CrossEntropy.backward(some, tokens, model);
            });
            guards.finite("loss", loss, step);

            // 3. One step of the optimiser.
            double rate = config.optimizer().rate(step, steps);
            double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
            guards.changed(rate, norm, run, step);

            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("loss", loss);
            double seconds = (System.nanoTime() - begin) / 1e9;

            // 4. Measure, keep, end.
            boolean last = step == steps || run.stopRequested();
            boolean measure = step == steps || Guards.due(config.evaluateEvery(), step);
            double score = measure ? measured(step, run, examples.heldOut(), model, figures) : Double.NaN;
            run.emit(new BatchFigures(figures, rate, norm, batches.epoch(step), seconds).at(step, steps));
            if (setup.clock.due(step) || last || measure) {
                setup.save(step, score, model, kind, optimizer, parts.save(TrainerState.empty()));
            }
            if (last && step < steps) {
                run.emit(new RunEvent.Finished(step, "stopped"));
                return;
            }
        }
        run.emit(new RunEvent.Finished(steps, "done"));
    }

    /**
     * Adds the figures of the samples held out.
     *
     * @param heldOut by question
     * @return what the best checkpoint is chosen by; NaN without any
     */
    private static double measured(
            int step,
            Run run,
            List<List<LabelledPassage>> heldOut,
            SequenceClassifier model,
            Map<String, Double> metrics) {
        List<LabelledPassage> all = heldOut.stream().flatMap(List::stream).toList();
        if (all.isEmpty()) {
            return Double.NaN;
        }
        List<List<Double>> found = new ArrayList<>();
        // A part at a time, so that long measurements show progress.
        while (found.size() < all.size()) {
            List<LabelledPassage> part =
                    all.subList(found.size(), Math.min(all.size(), found.size() + MEASURED_TOGETHER));
            found.addAll(model.probabilities(
                    part.stream().map(LabelledPassage::passage).toList(), MEASURED_TOKENS));
            run.emit(new RunEvent.Progress(step, "validating", found.size(), all.size(), "samples"));
        }
        List<List<BinaryMetrics.Judged>> judged = new ArrayList<>();
        int at = 0;
        for (List<LabelledPassage> question : heldOut) {
            List<BinaryMetrics.Judged> ofQuestion = new ArrayList<>();
            for (LabelledPassage sample : question) {
                List<Double> probabilities = found.get(at++);
                for (int i = 0; i < probabilities.size(); i++) {
                    ofQuestion.add(new BinaryMetrics.Judged(
                            probabilities.get(i), sample.labels().get(i)));
                }
            }
            judged.add(ofQuestion);
        }
        BinaryMetrics figures = BinaryMetrics.of(judged);
        metrics.put("validation-loss", figures.loss());
        metrics.put("validation-accuracy", figures.accuracy());
        if (!Double.isNaN(figures.auc())) {
            metrics.put("validation-auc", figures.auc());
        }
        if (!Double.isNaN(figures.withinQuestions())) {
            metrics.put("validation-auc-within", figures.withinQuestions());
        }
        return figures.choosing();
    }

    /** The samples say where the model lay that wrote them; it need not be there any more. */
    private static void requireSameBase(RewardModelConfig config, Setup setup, Run run) {
        Path samples = Path.of(config.samples().path());
        ConfigException.check(
                !Files.isRegularFile(samples),
                "samples.path",
                samples + ", a file",
                "a folder of reft sample, or of a run with rollouts: a reward model learns from single answers, not from"
                        + " pairs");
        Optional<Path> writer = SampleSource.isRun(samples)
                ? RunReader.of(samples).latest().map(Run.Checkpoint::folder)
                : Optional.of(Path.of(SampleReader.settingsOf(samples).model().path()));
        if (writer.filter(Files::exists).isPresent()) {
            setup.requireSameBase(writer.get());
        } else {
            run.emit(new RunEvent.Warned(
                    0,
                    (writer.isPresent()
                                    ? "the model that wrote the samples is not at " + writer.get() + " any more"
                                    : samples + " has no checkpoint of the model that wrote the samples")
                            + ", so that nobody can say whether this one is of the same base"));
        }
    }
}
