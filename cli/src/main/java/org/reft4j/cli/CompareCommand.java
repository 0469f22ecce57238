package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.reft4j.experiment.AnsweredFolder;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.measure.HolmCorrection;
import org.reft4j.train.measure.PairedComparison;
import org.reft4j.train.run.ConfigDifference;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft compare}. */
@Command(
        name = "compare",
        description = {
            "Compares runs or evaluations on the same questions: the first with each of the others.",
            "",
            "Of a run the test answers that an experiment left count, else the validation answers of its chosen checkpoint. The test is"
                    + " McNemar's, exact; with three and more folders p is corrected after Holm."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  reft compare runs/ladder/sft/seed-1 runs/ladder/reft/seed-1",
            "  reft compare runs/evaluate-sft-svamp runs/evaluate-reft-svamp --show 5",
            "  reft compare runs/a runs/b runs/c --json"
        })
final class CompareCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            arity = "2..*",
            description = "Folders of runs or of evaluations; others are compared with the first.")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = "--show",
            paramLabel = "N",
            defaultValue = "0",
            description = "Print N questions that became right and N that became wrong. Default: ${DEFAULT-VALUE}.")
    private int show;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(folders.size() >= 2, "FOLDER", folders, "two folders or more");
        ConfigException.check(show >= 0, "--show", show, "0 or more");
        List<AnsweredFolder> answered = folders.stream().map(AnsweredFolder::of).toList();
        AnsweredFolder first = answered.getFirst();
        List<AnsweredFolder> others = answered.subList(1, answered.size());
        others.forEach(first::requireSameQuestions);
        List<PairedComparison> pairs = others.stream()
                .map(other -> PairedComparison.of(
                        first.evaluation().outcomes(), other.evaluation().outcomes()))
                .toList();
        List<Double> adjusted =
                HolmCorrection.adjust(pairs.stream().map(PairedComparison::p).toList());
        ObjectNode json = Results.object();
        json.put("questions", first.evaluation().total());
        ArrayNode lines = json.putArray("folders");
        table(answered, lines);
        ArrayNode comparisons = json.putArray("comparisons");
        output.say("");
        for (int i = 0; i < pairs.size(); i++) {
            compared(first, others.get(i), pairs.get(i), adjusted.get(i), comparisons.addObject());
        }
        output.figures(json);
        return 0;
    }

    private void table(List<AnsweredFolder> answered, ArrayNode lines) {
        output.say(
                "%d questions, %s split",
                answered.getFirst().evaluation().total(), answered.getFirst().split());
        for (AnsweredFolder folder : answered) {
            ObjectNode line = lines.addObject().put("folder", folder.folder().toString());
            Results.accuracy(line, folder.evaluation());
            line.set("answered", Results.number(folder.evaluation().answeredShare()));
            line.set("reward", Results.number(folder.evaluation().reward()));
            output.say(
                    "  %5.1f %% (%.1f to %.1f), %s   %s",
                    100 * folder.evaluation().accuracy(),
                    100 * folder.evaluation().interval().getLowerBound(),
                    100 * folder.evaluation().interval().getUpperBound(),
                    folder.evaluation().scored()
                            ? "mean reward "
                                    + Results.figure(folder.evaluation().reward())
                            : Results.percent(folder.evaluation().answeredShare()) + " readable",
                    folder.folder());
        }
    }

    private void compared(
            AnsweredFolder first, AnsweredFolder other, PairedComparison pair, double adjusted, ObjectNode json) {
        output.say("%s", other.folder() + " against " + first.folder());
        output.say(
                "  %+.1f points, 95 %% interval %+.1f to %+.1f; p %s%s",
                100 * pair.gain(),
                100 * pair.low(),
                100 * pair.high(),
                Results.p(pair.p()),
                folders.size() > 2 ? ", corrected " + Results.p(adjusted) : "");
        output.say("  only the first right: %d, only the second right: %d", pair.onlyFirst(), pair.onlySecond());
        json.put("first", first.folder().toString())
                .put("second", other.folder().toString())
                .put("gain", pair.gain())
                .put("low", pair.low())
                .put("high", pair.high())
                .put("p", pair.p())
                .put("p-holm", adjusted)
                .put("only-first", pair.onlyFirst())
                .put("only-second", pair.onlySecond());
        ObjectNode settings = json.putObject("settings");
        List<ConfigDifference> differences = ConfigDifference.all(first.settings(), other.settings());
        output.say("  %s", differences.isEmpty() ? "the settings are the same" : "settings that differ:");
        for (ConfigDifference difference : differences) {
            output.say("    %-34s %s -> %s", difference.key(), difference.before(), difference.now());
            settings.putArray(difference.key()).add(difference.before()).add(difference.now());
        }
        sides(first, other, json);
    }

    private void sides(AnsweredFolder first, AnsweredFolder other, ObjectNode json) {
        Map<String, Answered> after = other.byId();
        for (boolean better : new boolean[] {true, false}) {
            ArrayNode ids = json.putArray(better ? "became-right" : "became-wrong");
            int shown = 0;
            for (Answered before : first.evaluation().answers()) {
                Answered now = after.getOrDefault(before.questionId(), before);
                if (before.correct() == better || now.correct() != better) {
                    continue;
                }
                ids.add(before.questionId());
                if (shown++ < show) {
                    output.say("%n  %s: %s", better ? "became right" : "became wrong", before.questionId());
                    output.say("    %s [answer %s]", before.question().strip(), before.target());
                    output.say("    first:  %s -> %s", Results.indented(before.completion()), before.extracted());
                    output.say("    second: %s -> %s", Results.indented(now.completion()), now.extracted());
                }
            }
        }
        output.say("");
    }
}
