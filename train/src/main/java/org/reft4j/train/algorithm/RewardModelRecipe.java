package org.reft4j.train.algorithm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.ClassifierLearner;
import org.reft4j.train.learn.LabelledPassage;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.measure.BinaryMetrics;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.settings.EpochBatches;

/**
 * A reward model (ReFT, section 4.4, after Cobbe et al. 2021; with labels of steps, Wang et al. 2023): batches of sampled chains of
 * thought, cross-entropy of a classifier on the backbone of a language model, one optimiser step each.
 */
public final class RewardModelRecipe implements Recipe<RewardModelSettings> {
    @Override
    public void run(RewardModelSettings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("reward-model", config, run, tools)) {
            RewardExamples examples = RewardExamples.of(config, trainer.setup(), run);
            List<LabelledPassage> taught = examples.taught();
            EpochBatches batches = new EpochBatches(taught.size(), config.batch(), config.epochs());
            try (ClassifierLearner model = trainer.classifier(
                    new RewardModel.Kind(config.labels(), config.data().cot()))) {
                for (Step step : trainer.epochs(batches, Trainer.Baseline.NONE)) {
                    // 1. The next samples of this epoch's order.
                    List<LabelledPassage> some = step.batch(taught);

                    // 2. Mean cross-entropy over all labels of the batch, and one step of the optimiser.
                    double loss = step.finite("loss", model.crossEntropy(some));
                    step.moved(Map.of("loss", loss), model.optimStep(step.rate()));

                    // 3. Measure on the samples held out, keep, end.
                    double score = step.measures() ? measured(step, examples.heldOut(), model) : Double.NaN;
                    step.tell();
                    if (!step.keep(score)) {
                        return;
                    }
                }
            }
        }
    }

    /**
     * Adds the figures of the held-out samples.
     *
     * @param heldOut the held-out samples by question
     * @return the score that the best checkpoint is chosen by; NaN without held-out samples
     */
    private static double measured(Step step, List<List<LabelledPassage>> heldOut, ClassifierLearner model) {
        List<LabelledPassage> all = heldOut.stream().flatMap(List::stream).toList();
        if (all.isEmpty()) {
            return Double.NaN;
        }
        List<List<Double>> found = model.probabilities(
                all.stream().map(LabelledPassage::passage).toList(),
                done -> step.run()
                        .emit(new RunEvent.Progress(step.number(), "validating", done, all.size(), "samples")));
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
        step.figure("validation-loss", figures.loss());
        step.figure("validation-accuracy", figures.accuracy());
        if (!Double.isNaN(figures.auc())) {
            step.figure("validation-auc", figures.auc());
        }
        if (!Double.isNaN(figures.withinQuestions())) {
            step.figure("validation-auc-within", figures.withinQuestions());
        }
        return figures.choosing();
    }

    @Override
    public void plan(RewardModelSettings config, Dataset data, BatchArithmetic plan) {
        List<Integer> stored = stored(Path.of(config.samples().path()), data.train());
        long questions = stored.size();
        long heldOut = (long) Math.ceil(config.samples().heldOut() * questions);
        long taught = Math.min(Collections.max(stored), config.samples().perQuestion());
        long rows = (questions - heldOut) * taught;
        int steps = new EpochBatches(Math.max(1, rows), config.batch(), config.epochs()).steps();
        plan.say(
                "%d questions - %d held out, x %d samples = at most %d rows (each text counts once a question)",
                questions, heldOut, taught, rows);
        plan.say(
                "%d rows / %d a batch x %s epochs = at most %d steps, one update each",
                rows, config.batch(), Results.plain(config.epochs()), steps);
        plan.count("questions", questions);
        plan.count("held-out", heldOut);
        plan.count("rows-at-most", rows);
        plan.count("steps-at-most", steps);
        plan.oneUpdateEach();
        plan.takes(0, Math.min((double) steps * config.batch(), Math.max(1, rows) * config.epochs()), steps);
    }

    /** Numbers of samples of each question; which differ and can be graded shows when they are read. */
    private static List<Integer> stored(Path folder, List<Question> questions) {
        return SampleSource.isRun(folder)
                ? SampleSource.read(folder, questions).stream().map(List::size).toList()
                : SampleReader.questions(folder).stream()
                        .map(question -> question.samples().size())
                        .toList();
    }

    @Override
    public RunTexts texts(RewardModelSettings config, Setup setup, Run run) {
        List<Row> rows = RewardExamples.of(config, setup, run).taught().stream()
                .filter(example -> !example.passage().chain().isEmpty())
                .map(example ->
                        new Row(example.passage().prompt(), example.passage().chain()))
                .toList();
        return RunTexts.learned("samples", rows, setup.rowTokens(config.maxTokens()));
    }
}
