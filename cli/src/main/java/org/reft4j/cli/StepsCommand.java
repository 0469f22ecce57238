package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.cli.Terminal.TerminalAudience;
import org.reft4j.experiment.StepLabelling;
import org.reft4j.task.grade.Grader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampledData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft steps}. */
@Command(
        name = "steps",
        description = {
            "Labels the steps of samples for a process reward model: behind each step a model completes the chain of thought a",
            "number of times, and the step is as good as the answers. Given again, the same command goes on."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft steps samples/my-train --model runs/my-run --out steps/my-train.jsonl",
            "",
            "Each line says how many of the rollouts behind each step were right; the recipe reward-model reads it."
        })
final class StepsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A folder that reft sample made of training questions.")
    private Path folder = Path.of("");

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "The data, as they were given to reft sample. Default: as the samples say.")
    private Optional<String> data = Optional.empty();

    @Mixin
    private DataOptions.Fields fields = new DataOptions.Fields();

    @Option(names = "--rollouts", paramLabel = "N", description = "Completions behind each step.", defaultValue = "8")
    private int rollouts = 8;

    @Option(
            names = "--chains",
            paramLabel = "N",
            description = "Samples of each question that are labelled, at most.",
            defaultValue = "8")
    private int chains = 8;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(names = "--seed", paramLabel = "N", description = "Of the rollouts.", defaultValue = "42")
    private long seed = 42;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where the labels go.")
    private Path out = Path.of("");

    @Mixin
    private PromptOptions prompt = new PromptOptions();

    @Mixin
    private GraderOptions graders = new GraderOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(rollouts > 0, "--rollouts", rollouts, "a positive number");
        ConfigException.check(chains > 0, "--chains", chains, "a positive number");
        sampling.check();
        prompt.check();
        List<SampledQuestion> sampled = SampleReader.questions(folder);
        SampleSettings settings = SampleReader.settingsOf(folder);
        String split = settings.data().split();
        ConfigException.check(
                settings.data().forTraining(),
                "FOLDER",
                folder + ", which holds samples of the " + split + " split",
                "samples of the training split (reft sample --split train): others are what a model is measured by");
        SampledData asked = SampledData.open(folder, settings, data.map(fields::of));
        StepLabelling work = StepLabelling.of(
                settings,
                asked,
                sampled,
                new StepLabelling.Settings(
                        chains, rollouts, sampling.temperature(), sampling.topK(), sampling.batch(), seed));
        output.remark("%s", work.work());
        // The interruption is closed last: the JVM must not go down before the file is closed.
        try (Interruption interruption = Interruption.on();
                Toolbox toolbox = graders.toolbox(settings.data().kind());
                LoadedModel loaded = model.open(output)) {
            Grader grader = graders.grader(toolbox.tools(), asked.dataset(), asked.questions());
            PromptForm form =
                    prompt.form(asked.dataset(), PromptForm.trained(folder).orElseGet(loaded::form));
            output.remark("%s", form.words());
            boolean all = work.label(
                    loaded,
                    form,
                    grader,
                    graders.description(asked.dataset()),
                    out,
                    new TerminalAudience(output),
                    interruption::asked);
            if (!all || interruption.asked()) {
                output.remark("stopped; the same command goes on after the last complete question");
                return Failures.INTERRUPTED;
            }
            report(work.size(), sampled.size());
            return 0;
        }
    }

    private void report(int lines, int questions) {
        output.say("%d chains of %d questions labelled: %s", lines, questions, out);
        output.say("learn from them: recipe: reward-model, labels: process, steps: {path: %s}", out);
        ObjectNode figures = Results.object();
        figures.put("file", out.toString());
        figures.put("questions", questions);
        figures.put("chains", lines);
        output.figures(figures);
    }
}
