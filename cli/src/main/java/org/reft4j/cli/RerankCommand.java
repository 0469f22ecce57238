package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.cli.Terminal.TerminalAudience;
import org.reft4j.experiment.SampleJudge;
import org.reft4j.experiment.SampleTable;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.task.grade.StepAggregate;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunData;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.Sheet;
import org.reft4j.train.sample.AskedData;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleScores;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampledData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft rerank}. */
@Command(
        name = "rerank",
        description = {
            "Lets a reward model choose among the samples of a folder, and says what that is good for beside votes: the greedy",
            "answer, vote@k, rerank@k (the sample with the highest score), weighted vote@k and pass@k, with 95 %% intervals."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft rerank samples/my-run --reward-model runs/my-reward-model",
            "  reft rerank samples/my-run --reward-model runs/my-process-model --aggregate min --json",
            "",
            "Scores are stored beside the samples. Given again, the same command goes on after the last question that is scored."
        })
final class RerankCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A folder that reft sample made.")
    private Path folder = Path.of("");

    @Option(
            names = "--reward-model",
            required = true,
            paramLabel = "MODEL",
            description =
                    "The folder of a run of the recipe reward-model (its best checkpoint is taken), or a checkpoint.")
    private Path rewardModel = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "The data, as they were given to reft sample. Default: as the samples say.")
    private Optional<String> data = Optional.empty();

    @Mixin
    private DataOptions.Fields fields = new DataOptions.Fields();

    @Option(
            names = "--aggregate",
            paramLabel = "HOW",
            description = "How scores of steps become one: ${COMPLETION-CANDIDATES}. Of an outcome reward model, last.",
            defaultValue = "LAST")
    private StepAggregate aggregate = StepAggregate.LAST;

    @Option(
            names = "--k",
            paramLabel = "K",
            split = ",",
            description = "How many samples. Default: 1, 2, 4, ... and all of them.")
    private List<Integer> ks = new ArrayList<>();

    @Option(names = "--compute", description = "Type of products: auto, f32 or bf16.", defaultValue = "auto")
    private String compute = "auto";

    @Option(
            names = "--allow-trained",
            description =
                    "Rank questions that the reward model was trained on too, and mark them; without it they are refused, unless they"
                            + " are of the training split.")
    private boolean allowTrained;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the figures to a JSON file too.")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        List<SampledQuestion> sampled = SampleReader.questions(folder);
        SampleSettings settings = SampleReader.settings(folder).orElseThrow();
        VoteCommand.check(folder, settings, ks);
        Path path = RunReader.model(rewardModel);
        check(path, settings);
        SampledData asked = SampledData.open(folder, settings, data.map(fields::of));
        int trained = trained(asked, settings);
        SampleJudge judge = SampleJudge.of(path, compute);
        // The interruption is closed last: the JVM must not go down before the file is closed.
        try (Interruption interruption = Interruption.on();
                SampleScores stored = SampleScores.open(folder, judge.name(), sampled)) {
            if (stored.complete() < sampled.size()) {
                if (stored.complete() > 0) {
                    output.remark("going on after question %d of %d", stored.complete(), sampled.size());
                }
                judge.score(
                        stored,
                        sampled,
                        asked.dataset().template(),
                        asked.questions(),
                        new TerminalAudience(output),
                        interruption::asked);
            }
            if (stored.complete() < sampled.size() || interruption.asked()) {
                output.remark("stopped; the same command goes on after the last question that is scored");
                return Failures.INTERRUPTED;
            }
            report(settings, sampled, stored, trained);
            return 0;
        }
    }

    /** All that can be refused before the model is loaded. */
    private void check(Path path, SampleSettings settings) {
        ModelFolder model = ModelFolder.open(path);
        SampleJudge.check(model, settings, aggregate);
        if (!SampleJudge.requireSameBase(model, settings)) {
            output.remark(
                    "the model that wrote the samples is not at %s any more: nobody can say whether the reward model is of the same base",
                    Path.of(settings.model().path()));
        }
    }

    /** The number of questions that the reward model was trained on; its choice among answers that it has seen is no evidence. */
    private int trained(SampledData asked, SampleSettings settings) {
        int trained =
                AskedData.trained(RunData.of(rewardModel), asked.questions()).size();
        boolean forTraining = settings.data().forTraining();
        if (trained > 0 && !allowTrained && !forTraining) {
            throw new ConfigException(trained + " of the " + asked.questions().size() + " questions of " + folder
                    + " are among those that " + rewardModel + " was trained on; sample what its run held out, or give"
                    + " --allow-trained to have them ranked all the same, marked");
        }
        return trained;
    }

    private void report(SampleSettings settings, List<SampledQuestion> sampled, SampleScores scores, int trained) {
        String word = aggregate.name().toLowerCase(Locale.ROOT);
        SampleTable table = SampleTable.of(folder, settings, sampled, ks, SampleJudge.ofSamples(scores, aggregate));
        output.say("reward model %s, scores of steps by %s", rewardModel, word);
        if (trained > 0) {
            output.say("marked: the reward model was trained on %d of these questions", trained);
        }
        table.remarks().forEach(remark -> output.remark("%s", remark));
        Sheet sheet = table.sheet();
        output.lines(sheet);
        ObjectNode json = sheet.figures();
        json.put("reward-model-trained", trained);
        json.put("reward-model", rewardModel.toString());
        json.put("aggregate", word);
        output.figures(json);
        out.ifPresent(file -> Results.write(file, Results.text(json) + "\n"));
    }
}
