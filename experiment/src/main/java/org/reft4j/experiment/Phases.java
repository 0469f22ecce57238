package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.Graders;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.ResumeRules;
import org.reft4j.train.job.FinishedJob;
import org.reft4j.train.job.Job;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.OpenJob;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Report;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunData;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * The runs that belong together, each in a folder of its own, and what their models answered to questions held out. Whatever is complete
 * already is taken as it is, so that what was interrupted goes on where it was.
 */
public final class Phases {
    private static final int TEST_BATCH = 256;
    /** The key of who judged the answers that are kept. */
    private static final String GRADER = "grader";

    private final Path folder;
    private final GraderTools tools;
    private final List<RunListener> watchers;
    private final StopSource stops;

    /** @param stops requests to stop, listened to while a run trains */
    public Phases(Path folder, GraderTools tools, List<RunListener> watchers, StopSource stops) {
        this.folder = folder;
        this.stops = stops;
        this.tools = tools;
        this.watchers = watchers;
    }

    /** A finished run and the model that it hands on. */
    public record Phase(String name, ConfigFile.Resolved config, Path model) {
        /** As the run opened them. */
        public Dataset data() {
            SplitRule rule = RunData.of(model).map(RunData::rule).orElse(SplitRule.BY_SKELETON);
            return Datasets.open(config.config().data(), rule);
        }
    }

    /**
     * Trains a run, or takes the finished one.
     *
     * @param name name of the run's folder; may contain folders, such as {@code reft/seed-1}
     * @param handedOn the checkpoint that later phases use
     * @return empty if it was stopped on request
     */
    public Optional<Phase> train(
            String name, ConfigFile.Resolved config, Function<RunReader, Optional<Run.Checkpoint>> handedOn) {
        return train(name, config, handedOn, false);
    }

    /**
     * The same.
     *
     * @param endsDiverged true if a run that a guard stops counts as finished, with the checkpoints that it has
     */
    public Optional<Phase> train(
            String name,
            ConfigFile.Resolved config,
            Function<RunReader, Optional<Run.Checkpoint>> handedOn,
            boolean endsDiverged) {
        Path place = folder.resolve(name);
        if (!done(place, config)) {
            Job job = Job.of(config, place).within(tools, endsDiverged);
            watchers.forEach(job::listener);
            try (OpenJob run = job.open();
                    StopSource.Watch interruption = stops.watch(run::stop)) {
                FinishedJob _ = run.run();
                if (interruption.asked()) {
                    return Optional.empty();
                }
            }
        }
        return handedOn.apply(RunReader.of(place)).map(chosen -> new Phase(name, config, chosen.folder()));
    }

    /** True if the run is finished. */
    public static boolean done(Path run, ConfigFile.Resolved config) {
        return Files.isRegularFile(run.resolve("config.yaml"))
                && RunReader.of(run).doneWith(config.yaml(), ResumeRules::sameLength);
    }

    /** The test questions of the phase's own data; see {@link #answers}. */
    public Evaluation test(Phase phase) {
        return test(phase, null);
    }

    /** The same, graded by another grader; {@code null}: as the paper does. */
    public Evaluation test(Phase phase, @Nullable JsonNode grader) {
        Dataset data = phase.data();
        return answers(phase, "test", data.test(), data.template(), grader);
    }

    /**
     * Greedy answers, graded as in the paper; stored next to the run with the date, and read from there if the same model is asked again.
     *
     * @param set name of the question set, and of the file
     */
    public Evaluation answers(Phase phase, String set, List<Question> questions, PromptTemplate template) {
        return answers(phase, set, questions, template, null);
    }

    private Evaluation answers(
            Phase phase, String set, List<Question> questions, PromptTemplate template, @Nullable JsonNode grader) {
        Path kept = folder.resolve(phase.name()).resolve(set + ".json");
        String name = phase.model().getFileName().toString();
        if (Files.exists(kept)) {
            KeptAnswers answers = KeptAnswers.read(kept);
            if (answers.model().equals(name)) {
                return answers.evaluation();
            }
        }
        Evaluation evaluation = answer(phase, set, questions, template, grader);
        ObjectNode json = Json.PLAIN
                .createObjectNode()
                .put("model", name)
                .put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.set(GRADER, word(grader));
        json.set("evaluation", Json.PLAIN.valueToTree(evaluation));
        Results.write(kept, Results.text(json));
        return evaluation;
    }

    /** A grader as files name it. */
    private static JsonNode word(@Nullable JsonNode grader) {
        return grader == null ? TextNode.valueOf("answer") : grader;
    }

    /** Advice for a run whose stored test answers were graded by another grader; empty if there are none. */
    public static Optional<String> gradedOtherwise(Path run, @Nullable JsonNode grader) {
        Path kept = run.resolve("test.json");
        if (!Files.exists(kept)) {
            return Optional.empty();
        }
        JsonNode there = KeptAnswers.read(kept).grader();
        // Files of earlier versions do not say. As text, since a number that was read may be of another class.
        return there.isMissingNode() || there.toString().equals(word(grader).toString())
                ? Optional.empty()
                : Optional.of(kept + " was graded by " + there + ", and the baseline's grader is " + word(grader)
                        + "; put the baseline back, or delete the file to measure again");
    }

    private Evaluation answer(
            Phase phase, String set, List<Question> questions, PromptTemplate template, @Nullable JsonNode grader) {
        GraderTools own = tools.with(phase.config().config().data().cot());
        String compute = phase.config().config().model().compute();
        String device = phase.config().config().model().device();
        try (LoadedModel model = LoadedModel.open(phase.model(), device, compute, HubProgress.NONE)) {
            return model.answer(
                    questions,
                    template,
                    model.form(),
                    Graders.orAnswers(grader, "grader", own.with(new DataRows(set, questions))),
                    phase.config().config().evaluate().maxTotalTokens(),
                    TEST_BATCH,
                    done -> {
                        RunEvent progress = new RunEvent.Progress(
                                0, set + " of " + phase.name(), done, questions.size(), "questions");
                        watchers.forEach(watcher -> watcher.on(progress));
                    });
        }
    }

    /** Writes the page that shows the runs together. */
    public void report(List<Phase> phases, Optional<String> results) {
        Report.write(
                phases.stream()
                        .map(phase -> new Report.Labelled(phase.name(), RunReader.of(folder.resolve(phase.name()))))
                        .toList(),
                folder.resolve("report.html"),
                results);
    }
}
