package org.reft4j.experiment.grid;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.experiment.Audience;
import org.reft4j.experiment.SampleJudge;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.StepAggregate;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.measure.RankedFigures;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.measure.SampleFigures;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleScores;

/** Scores of a rung's samples of test questions by another rung's reward model, stored with the samples. */
final class GridRanking {
    private final Path samples;
    private final Path judge;
    private final long seed;

    private GridRanking(Path samples, Path judge, long seed) {
        this.samples = samples;
        this.judge = judge;
        this.seed = seed;
    }

    /** The ranking of a run; empty if its rung is not ranked. The reward model must be trained. */
    static Optional<GridRanking> of(Grid grid, Grid.Cell cell, Path folder) {
        return grid.judge(cell)
                .map(judge -> new GridRanking(
                        folder.resolve(cell.path()).resolve("samples"), folder.resolve(judge.path()), cell.seed()));
    }

    /** True if all samples are scored. */
    boolean complete() {
        List<SampledQuestion> sampled = SampleReader.questions(samples);
        return !sampled.isEmpty()
                && SampleScores.stored(samples, open().name(), sampled).size() == sampled.size();
    }

    /** Scores what is not there yet; false when it was interrupted in good order. */
    boolean score(Dataset data, Path writer, Audience audience) {
        SampleJudge opened = open();
        ModelFolder model = ModelFolder.open(opened.model());
        try (Tokenizer tokenizer = model.tokenizer()) {
            RewardModel.requireSameBase(model.path(), SequenceClassifier.sizes(model.config()), tokenizer, writer);
        }
        List<SampledQuestion> sampled = SampleReader.questions(samples);
        try (StopSource.Watch interruption = audience.stops().watch(() -> {});
                SampleScores stored = SampleScores.open(samples, opened.name(), sampled)) {
            opened.score(stored, sampled, data.template(), data.test(), audience, interruption::asked);
            return stored.complete() == sampled.size() && !interruption.asked();
        }
    }

    /** The figures of the scores. A chain's score is that of its worst step; an outcome reward model gives only one. */
    RankedFigures figures(int drawn) {
        SampleJudge opened = open();
        StepAggregate aggregate =
                RewardModel.kind(ModelFolder.open(opened.model())).labels() == RewardLabels.PROCESS
                        ? StepAggregate.MIN
                        : StepAggregate.LAST;
        List<SampledQuestion> sampled = SampleReader.questions(samples);
        List<double[]> scores = SampleScores.stored(samples, opened.name(), sampled).stream()
                .map(each -> each.stream().skip(1).mapToDouble(aggregate::of).toArray())
                .toList();
        return RankedFigures.of(sampled, scores, SampleFigures.usual(drawn), seed);
    }

    private SampleJudge open() {
        return SampleJudge.of(
                GridRun.model(judge), RunReader.of(judge).settings().getOrDefault("model.compute", "auto"));
    }
}
