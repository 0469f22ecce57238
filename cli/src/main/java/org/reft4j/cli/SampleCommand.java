package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.AskedData;
import org.reft4j.train.sample.FolderSampling;
import org.reft4j.train.sample.SampleFolder;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft sample}. */
@Command(
        name = "sample",
        description = {
            "Lets a model answer each question many times, and keeps all answers with their grades: what reft vote counts.",
            "Given again, the same command goes on after the last complete question."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft sample --model runs/my-run --samples 8 --out samples/my-run",
            "  reft sample --model models/smollm2 --data data/svamp --cot n --samples 16 --limit 300 --out samples/svamp",
            "",
            "Writes samples.json (how they were made) and samples.jsonl (a line for each answer). The defaults are those of",
            "the paper's samples for voting."
        })
final class SampleCommand implements Callable<Integer> {
    private static final int USUAL_TOKENS = 1024;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private AskedOptions questions = new AskedOptions();

    @Option(
            names = "--samples",
            required = true,
            paramLabel = "K",
            description = "Answers to each question, beside the greedy one; at most 100000.")
    private int samples;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Only the likeliest tokens that together have probability P; 1 for all.",
            defaultValue = "1.0")
    private double topP = 1;

    @Option(
            names = "--max-total-tokens",
            paramLabel = "N",
            description =
                    "Prompt and answer together. Default: as the samples that are there, or as the model's run measured itself, or"
                            + " else 1024.")
    private Optional<Integer> maxTotalTokens = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Of the sampling.", defaultValue = "42")
    private long seed = 42;

    @Option(names = "--out", required = true, paramLabel = "FOLDER", description = "Where the samples go.")
    private Path out = Path.of("");

    @Mixin
    private PromptOptions prompt = new PromptOptions();

    @Mixin
    private GraderOptions graders = new GraderOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        prompt.check();
        AskedData asked = questions.open(model.path());
        // All that can be refused before the model is loaded is.
        Optional<SampleSettings> stored = SampleReader.settings(out);
        int tokens = maxTotalTokens
                .or(() -> stored.map(SampleSettings::maxTotalTokens))
                .orElseGet(() -> asked.maxTotalTokens(Optional.empty(), USUAL_TOKENS));
        SampleSettings.Model before = stored.map(SampleSettings::model)
                .orElse(new SampleSettings.Model(model.path().toString(), "", model.compute()));
        SampleSettings settings = settings(asked, tokens, before);
        SampleFolder.check(out, settings);
        // The interruption is closed last: the JVM must not go down before the folder is closed.
        try (Interruption interruption = Interruption.on();
                Toolbox toolbox = graders.toolbox(asked.cot())) {
            FolderSampling.Judgement judgement = graders.judgement(toolbox.tools(), asked.dataset(), asked.questions());
            boolean all = sample(asked, settings, judgement, interruption::asked);
            report(asked.questions().size(), all);
            return all && !interruption.asked() ? 0 : Failures.INTERRUPTED;
        }
    }

    /**
     * Says whether all are stored.
     *
     * @param settings of which the model is the one of the samples that are there
     */
    private boolean sample(
            AskedData asked, SampleSettings settings, FolderSampling.Judgement judgement, BooleanSupplier stop) {
        List<Question> questions = asked.questions();
        // A folder keeps the type of products that it was begun with, whatever a later measurement says.
        String type = model.compute().equals("auto") ? settings.model().compute() : model.compute();
        try (LoadedModel loaded = model.open(type, output)) {
            asked.remarks().forEach(remark -> output.remark("%s", remark));
            try (SampleFolder folder = SampleFolder.open(out, settings.of(loaded.recorded()));
                    SampleDisplay display = display(folder.complete(), questions.size())) {
                PromptForm form = folder.form(loaded.path(), loaded.form(), open -> prompt.form(asked.dataset(), open));
                output.remark("%s", form.words());
                Seeds seeds = new Seeds(settings.seed());
                FolderSampling sampler = new FolderSampling(
                        loaded.decoder(),
                        loaded.prompts(asked.dataset().template(), form),
                        judgement,
                        settings,
                        (question, sample) -> seeds.key(Seeds.Purpose.SAMPLE, question, sample));
                return sampler.sample(questions, folder, display, stop);
            }
        }
    }

    private SampleSettings settings(AskedData asked, int tokens, SampleSettings.Model answering) {
        return new SampleSettings(
                answering,
                asked.recorded(questions.split().name()),
                graders.description(asked.dataset()),
                samples,
                sampling.temperature(),
                sampling.topK(),
                topP,
                tokens,
                sampling.batch(),
                seed);
    }

    private SampleDisplay display(int stored, int questions) {
        if (stored == questions) {
            output.remark("%s has all %d questions already", out, questions);
        } else if (stored > 0) {
            output.remark("going on after question %d of %d", stored, questions);
        }
        return new SampleDisplay(output.err(), Terminal.current(), System::nanoTime, stored, questions);
    }

    private void report(int questions, boolean all) {
        if (all) {
            output.say("%d questions, %d samples each: %s", questions, samples, out);
            output.say("count them: reft vote %s", Output.pasted(out));
        } else {
            output.remark("stopped; the same command goes on after the last complete question");
        }
        ObjectNode figures = Results.object();
        figures.put("folder", out.toString());
        figures.put("outcome", all ? "done" : "stopped");
        figures.put("questions", questions);
        figures.put("samples", samples);
        output.figures(figures);
    }
}
