package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.experiment.Audience;
import org.reft4j.experiment.Phases;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.Graders;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.measure.SampleFigures;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.FolderSampling;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.settings.RecipeConfig;

/** Samples of test questions for a rung's votes, stored in {@code samples} next to its run. */
final class GridVotes {
    /** The paper's samples for voting: temperature 1, the 50 likeliest tokens. */
    private static final int TOP_K = 50;

    private final Path folder;
    private final int samples;
    private final long seed;

    /** @param samples number of samples per question; 0 for none */
    GridVotes(Path run, int samples, long seed) {
        this.folder = run.resolve("samples");
        this.samples = samples;
        this.seed = seed;
    }

    /** True if all samples are there. */
    boolean complete(Phases.Phase phase) {
        if (samples == 0) {
            return true;
        }
        int there = SampleReader.complete(folder);
        int asked = phase.data().test().size();
        ConfigException.check(
                there <= asked,
                folder.toString(),
                "damaged, with the samples of " + there + " questions",
                "those of the " + asked + " test questions; delete it to sample again");
        return there == asked;
    }

    /** The figures of the samples; empty if there are none. */
    Optional<SampleFigures> figures() {
        return samples == 0
                ? Optional.empty()
                : Optional.of(SampleFigures.of(SampleReader.questions(folder), SampleFigures.usual(samples), seed));
    }

    /** Samples what is not there yet; false when it was interrupted in good order. */
    boolean sample(Phases.Phase phase, @Nullable JsonNode described, GraderTools tools, Audience audience) {
        if (complete(phase)) {
            return true;
        }
        Dataset data = phase.data();
        RecipeConfig config = phase.config().config();
        GraderTools own = tools.with(config.data().cot());
        FolderSampling.Judgement judgement = new FolderSampling.Judgement(
                Graders.orAnswers(described, "grader", own.with(new DataRows("test split", data.test()))),
                Optional.ofNullable(described).map(_ -> Graders.answers(own)));
        try (StopSource.Watch interruption = audience.stops().watch(() -> {});
                LoadedModel model = LoadedModel.open(
                        phase.model(), config.model().device(), config.model().compute(), HubProgress.NONE)) {
            SampleSettings settings = settings(phase, described, model);
            try (SampleFolder stored = SampleFolder.open(folder, settings);
                    Audience.Work display = audience.begin(
                            "sampled", stored.complete(), data.test().size())) {
                Seeds seeds = new Seeds(seed);
                boolean all = new FolderSampling(
                                model.decoder(),
                                model.prompts(data.template()),
                                judgement,
                                settings,
                                (question, sample) -> seeds.key(Seeds.Purpose.SAMPLE, question, sample))
                        .sample(data.test(), stored, display, interruption::asked);
                return all && !interruption.asked();
            }
        }
    }

    private SampleSettings settings(Phases.Phase phase, @Nullable JsonNode described, LoadedModel model) {
        Dataset data = phase.data();
        RecipeConfig config = phase.config().config();
        ObjectNode grader = Results.object();
        if (described != null) {
            grader.set("grader", described);
        }
        return new SampleSettings(
                new SampleSettings.Model(model.path().toString(), model.fingerprint(), model.compute()),
                new SampleSettings.Data(
                        data.name(),
                        "test",
                        config.data().cot().letter(),
                        data.test().size(),
                        Fingerprint.of(data.test())),
                described == null ? TextNode.valueOf("answer") : grader,
                samples,
                1,
                TOP_K,
                1,
                config.evaluate().maxTotalTokens(),
                config.evaluate().batch(),
                seed);
    }
}
