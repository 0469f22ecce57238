package org.reft4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.measure.HolmCorrection;
import org.reft4j.train.measure.PairedComparison;
import org.reft4j.train.run.ConfigDifference;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;

/** Folders of answers to the same questions, the first compared with each of the others: McNemar's exact test, corrected after Holm. */
public final class FolderComparison {
    private final Sheet sheet = new Sheet();
    private final boolean many;
    private final int show;

    private FolderComparison(boolean many, int show) {
        this.many = many;
        this.show = show;
    }

    /**
     * Compares.
     *
     * @param answered two folders or more
     * @param show questions to print that became right, and as many that became wrong
     */
    public static Sheet of(List<AnsweredFolder> answered, int show) {
        FolderComparison made = new FolderComparison(answered.size() > 2, show);
        made.fill(answered);
        return made.sheet;
    }

    private void fill(List<AnsweredFolder> answered) {
        AnsweredFolder first = answered.getFirst();
        List<AnsweredFolder> others = answered.subList(1, answered.size());
        others.forEach(first::requireSameQuestions);
        List<PairedComparison> pairs = others.stream()
                .map(other -> PairedComparison.of(
                        first.evaluation().outcomes(), other.evaluation().outcomes()))
                .toList();
        List<Double> adjusted =
                HolmCorrection.adjust(pairs.stream().map(PairedComparison::p).toList());
        ObjectNode json = sheet.figures();
        json.put("questions", first.evaluation().total());
        ArrayNode lines = json.putArray("folders");
        table(answered, lines);
        ArrayNode comparisons = json.putArray("comparisons");
        sheet.say("");
        for (int i = 0; i < pairs.size(); i++) {
            compared(first, others.get(i), pairs.get(i), adjusted.get(i), comparisons.addObject());
        }
    }

    private void table(List<AnsweredFolder> answered, ArrayNode lines) {
        sheet.say(
                "%d questions, %s split",
                answered.getFirst().evaluation().total(), answered.getFirst().split());
        for (AnsweredFolder folder : answered) {
            ObjectNode line = lines.addObject().put("folder", folder.folder().toString());
            Results.accuracy(line, folder.evaluation());
            line.set("answered", Results.number(folder.evaluation().answeredShare()));
            line.set("reward", Results.number(folder.evaluation().reward()));
            sheet.say(
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
        sheet.say("%s", other.folder() + " against " + first.folder());
        sheet.say(
                "  %+.1f points, 95 %% interval %+.1f to %+.1f; p %s%s",
                100 * pair.gain(),
                100 * pair.low(),
                100 * pair.high(),
                Results.p(pair.p()),
                many ? ", corrected " + Results.p(adjusted) : "");
        sheet.say("  only the first right: %d, only the second right: %d", pair.onlyFirst(), pair.onlySecond());
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
        sheet.say("  %s", differences.isEmpty() ? "the settings are the same" : "settings that differ:");
        for (ConfigDifference difference : differences) {
            sheet.say("    %-34s %s -> %s", difference.key(), difference.before(), difference.now());
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
                    sheet.say("%n  %s: %s", better ? "became right" : "became wrong", before.questionId());
                    sheet.say("    %s [answer %s]", before.question().strip(), before.target());
                    sheet.say("    first:  %s -> %s", Results.indented(before.completion()), before.extracted());
                    sheet.say("    second: %s -> %s", Results.indented(now.completion()), now.extracted());
                }
            }
        }
        sheet.say("");
    }
}
