package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.reft4j.train.ConfigException;
import org.reft4j.train.evaluate.Estimate;
import org.reft4j.train.sample.SampleFigures;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampledQuestion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft vote}. */
@Command(
        name = "vote",
        description = {
            "Says what the samples of a folder are good for: the greedy answer, the answer of most of k samples (vote@k),",
            "and whether one of k is right (pass@k), each with its 95 %% interval."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft vote samples/my-run",
            "  reft vote samples/my-run --k 1,8,64 --json",
            "",
            "Works while reft sample goes on, with the questions that are complete."
        })
final class VoteCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A folder that reft sample made.")
    private Path folder = Path.of("");

    @Option(
            names = "--k",
            paramLabel = "K",
            split = ",",
            description = "How many samples. Default: 1, 2, 4, ... and all of them.")
    private List<Integer> ks = new ArrayList<>();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        List<SampledQuestion> questions = SampleReader.questions(folder);
        SampleSettings settings = SampleReader.settings(folder).orElseThrow();
        for (int k : ks) {
            ConfigException.check(
                    k >= 1 && k <= settings.samples(),
                    "--k",
                    k,
                    "1 to " + settings.samples() + ", the samples of each question in " + folder);
        }
        SampleFigures figures = SampleFigures.of(
                questions,
                ks.isEmpty()
                        ? SampleFigures.usual(settings.samples())
                        : ks.stream().distinct().sorted().toList(),
                settings.seed());
        if (questions.size() < settings.data().questions()) {
            output.remark(
                    "%d of %d questions are sampled so far; reft sample goes on with the others",
                    questions.size(), settings.data().questions());
        }
        if (figures.failed() > 0) {
            output.remark("%d answers could not be graded; they count as wrong", figures.failed());
        }
        table(settings, figures, questions.size());
        output.figures(json(settings, figures, questions.size()));
        return 0;
    }

    private void table(SampleSettings settings, SampleFigures figures, int questions) {
        output.say(
                "%s, %s: %d questions, %d samples each at temperature %s",
                settings.data().name(),
                settings.data().split(),
                questions,
                settings.samples(),
                Double.toString(settings.temperature()));
        output.say("model %s", settings.model().path());
        output.say("%.1f %% of the samples have an answer that could be read%n", 100 * figures.answered());
        output.say("%-12s %s", "greedy", words(figures.greedy()));
        output.say("%-12s %s%n", "one sample", words(figures.single()));
        output.say("%12s %-26s %s", "k", "vote@k", "pass@k");
        for (SampleFigures.AtK at : figures.at()) {
            output.say("%12d %-26s %s", at.k(), words(at.vote()), words(at.pass()));
        }
        output.say("%nIn brackets: 95 %% intervals.");
    }

    private static String words(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%5.1f %% (%.1f to %.1f)",
                100 * estimate.value(),
                100 * estimate.low(),
                100 * estimate.high());
    }

    private ObjectNode json(SampleSettings settings, SampleFigures figures, int questions) {
        ObjectNode json = Output.object();
        json.put("folder", folder.toString());
        json.put("model", settings.model().path());
        json.put("data", settings.data().name());
        json.put("split", settings.data().split());
        json.put("questions", questions);
        json.put("samples", settings.samples());
        json.put("failed", figures.failed());
        json.set("answered", Output.number(figures.answered()));
        json.set("greedy", json(figures.greedy()));
        json.set("single", json(figures.single()));
        ArrayNode list = json.putArray("at");
        for (SampleFigures.AtK at : figures.at()) {
            ObjectNode entry = list.addObject().put("k", at.k());
            entry.set("vote", json(at.vote()));
            entry.set("pass", json(at.pass()));
        }
        return json;
    }

    private static ObjectNode json(Estimate estimate) {
        ObjectNode json = Output.object();
        json.set("accuracy", Output.number(estimate.value()));
        json.set("low", Output.number(estimate.low()));
        json.set("high", Output.number(estimate.high()));
        return json;
    }
}
