package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.StepLabelFile;
import org.reft4j.train.sample.StepRollouts;
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
        List<List<KeptRollout>> work = sampled.stream()
                .map(question -> StepRollouts.chains(question, chains))
                .toList();
        announce(work, settings);
        // The interruption is closed last: the JVM must not go down before the file is closed.
        try (Interruption interruption = Interruption.on();
                Toolbox toolbox = graders.toolbox(settings.data().kind());
                LoadedModel loaded = model.open(output)) {
            Grader grader = graders.grader(toolbox.tools(), asked.dataset(), asked.questions());
            boolean all = label(loaded, asked, settings, grader, work, interruption);
            if (!all || interruption.asked()) {
                output.remark("stopped; the same command goes on after the last complete question");
                return Failures.INTERRUPTED;
            }
            report(work);
            return 0;
        }
    }

    /** Announces the amount of work before it begins. */
    private void announce(List<List<KeptRollout>> work, SampleSettings settings) {
        StepSplit split = StepSplit.of(settings.data().kind());
        long labelled = work.stream().mapToLong(List::size).sum();
        long steps = work.stream()
                .flatMap(List::stream)
                .mapToLong(chain -> split.steps(chain.completion()).size() - 1L)
                .sum();
        double tokens = work.stream()
                .flatMap(List::stream)
                .mapToInt(KeptRollout::tokens)
                .average()
                .orElse(0);
        // On average, a rollout after a step writes half of the chain.
        output.remark(
                "%d chains, %d steps with something behind them x %d rollouts = %d completions, about %.0f tokens in all",
                labelled, steps, rollouts, steps * rollouts, steps * rollouts * tokens / 2);
    }

    private boolean label(
            LoadedModel loaded,
            SampledData asked,
            SampleSettings settings,
            Grader grader,
            List<List<KeptRollout>> work,
            Interruption interruption) {
        PromptForm form =
                prompt.form(asked.dataset(), PromptForm.trained(folder).orElseGet(loaded::form));
        output.remark("%s", form.words());
        Prompts prompts = loaded.prompts(asked.dataset().template(), form);
        Seeds seeds = new Seeds(seed);
        SamplingConfig drawn =
                SamplingConfig.sampling(sampling.temperature(), sampling.topK(), 1, settings.maxTotalTokens());
        List<Integer> linesEach = work.stream().map(List::size).toList();
        try (StepLabelFile file = StepLabelFile.open(out, description(loaded, settings, asked.dataset()), linesEach);
                Grading grading = new Grading(grader, RewardRule.REFT);
                SampleDisplay display = new SampleDisplay(
                        "labelled", output.err(), Terminal.current(), System::nanoTime, file.complete(), work.size())) {
            StepRollouts labeller = new StepRollouts(
                    new Passages(prompts, RewardLabels.PROCESS, settings.data().kind(), settings.maxTotalTokens() - 1),
                    Asker.of(loaded.decoder(), prompts, sampling.batch()).until(interruption::asked),
                    drawn,
                    grading,
                    (question, sample, step, rollout) ->
                            seeds.key(Seeds.Purpose.SAMPLE, question, sample, step, rollout),
                    rollouts);
            for (int place = file.complete(); place < work.size(); place++) {
                List<ObjectNode> lines = labeller.label(place, asked.questions().get(place), work.get(place));
                if (interruption.asked()) {
                    return false;
                }
                file.append(lines);
                display.at(place + 1, 0);
            }
            return true;
        } catch (Asker.Stopped _) {
            return false;
        }
    }

    /** All that decides the labels. */
    private ObjectNode description(LoadedModel loaded, SampleSettings settings, Dataset dataset) {
        ObjectNode json = Results.object();
        json.put("samples-of", settings.model().fingerprint());
        json.put("sample-seed", settings.seed());
        json.put(StepLabelFile.QUESTIONS, settings.data().fingerprint());
        json.put("model", loaded.fingerprint());
        json.put("compute", loaded.compute());
        json.set("grader", graders.description(dataset));
        return json.put("chains", chains)
                .put("rollouts", rollouts)
                .put("temperature", sampling.temperature())
                .put("top-k", sampling.topK())
                .put("batch", sampling.batch())
                .put("seed", seed);
    }

    private void report(List<List<KeptRollout>> work) {
        int lines = work.stream().mapToInt(List::size).sum();
        output.say("%d chains of %d questions labelled: %s", lines, work.size(), out);
        output.say("learn from them: recipe: reward-model, labels: process, steps: {path: %s}", out);
        ObjectNode figures = Results.object();
        figures.put("file", out.toString());
        figures.put("questions", work.size());
        figures.put("chains", lines);
        output.figures(figures);
    }
}
