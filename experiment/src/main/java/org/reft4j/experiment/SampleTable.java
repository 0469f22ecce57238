package org.reft4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.measure.BinaryMetrics;
import org.reft4j.train.measure.Estimate;
import org.reft4j.train.measure.RankedFigures;
import org.reft4j.train.measure.SampleFigures;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;
import org.reft4j.train.sample.SampleSettings;

/**
 * Table of a set of samples' figures, for people and for programs: by votes, and by a reward model if there is one.
 *
 * @param questions number of questions with all of their samples
 * @param ranked figures of the reward model; {@code null} without one
 */
public record SampleTable(
        Path folder,
        SampleSettings settings,
        int questions,
        SampleFigures figures,
        @Nullable RankedFigures ranked) {
    private static final String ROW = "%12s %-26s %s";
    private static final String RANKED_ROW = "%12s %-26s %-26s %-26s %s";

    /**
     * Counts votes.
     *
     * @param ks numbers of samples; empty for the usual ones
     */
    public static SampleTable of(
            Path folder, SampleSettings settings, List<SampledQuestion> questions, List<Integer> ks) {
        SampleFigures figures = SampleFigures.of(questions, numbers(settings, ks), settings.seed());
        return new SampleTable(folder, settings, questions.size(), figures, null);
    }

    /**
     * The same with a reward model.
     *
     * @param scores scores of each question's samples, without the greedy completion
     */
    public static SampleTable of(
            Path folder,
            SampleSettings settings,
            List<SampledQuestion> questions,
            List<Integer> ks,
            List<double[]> scores) {
        RankedFigures ranked = RankedFigures.of(questions, scores, numbers(settings, ks), settings.seed());
        SampleTable votes = of(folder, settings, questions, ks);
        return new SampleTable(folder, settings, questions.size(), votes.figures(), ranked);
    }

    /** Remarks on what the figures leave out. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        int asked = settings.data().questions();
        if (questions < asked) {
            remarks.add(
                    questions + " of " + asked + " questions are sampled so far; reft sample goes on with the others");
        }
        if (figures.failed() > 0) {
            remarks.add(figures.failed() + " answers could not be graded; they count as wrong");
        }
        return remarks;
    }

    /** For people. */
    private void say(Sheet sheet) {
        sheet.say(
                "%s, %s: %d questions, %d samples each at temperature %s",
                settings.data().name(),
                settings.data().split(),
                questions,
                settings.samples(),
                Double.toString(settings.temperature()));
        sheet.say("model %s", settings.model().path());
        if (!settings.data().trained().isEmpty()) {
            sheet.say(
                    "marked: %d of the %d questions that were to be asked are among those that the model was trained on",
                    settings.data().trained().size(), settings.data().questions());
        }
        sheet.say("%.1f %% of the samples have an answer that could be read%n", 100 * figures.answered());
        sheet.say("%-12s %s", "greedy", words(figures.greedy()));
        sheet.say("%-12s %s%n", "one sample", words(figures.single()));
        if (ranked == null) {
            sheet.say(ROW, "k", "vote@k", "pass@k");
            for (SampleFigures.AtK at : figures.at()) {
                sheet.say(ROW, at.k(), words(at.vote()), words(at.pass()));
            }
        } else {
            sayRanked(sheet, ranked);
        }
        sheet.say("%nIn brackets: 95 %% intervals.");
    }

    private void sayRanked(Sheet sheet, RankedFigures scored) {
        sheet.say(RANKED_ROW, "k", "vote@k", "rerank@k", "weighted vote@k", "pass@k (upper bound)");
        for (int i = 0; i < figures.at().size(); i++) {
            SampleFigures.AtK at = figures.at().get(i);
            RankedFigures.AtK chosen = scored.at().get(i);
            sheet.say(
                    RANKED_ROW,
                    at.k(),
                    words(at.vote()),
                    words(chosen.rerank()),
                    words(chosen.weighted()),
                    words(at.pass()));
        }
        BinaryMetrics classifier = scored.classifier();
        sheet.say(
                "%nthe reward model is right about %.1f %% of the samples (AUC %.3f, among the samples of one question %.3f; loss %.3f nats)",
                100 * classifier.accuracy(), classifier.auc(), classifier.withinQuestions(), classifier.loss());
    }

    private static List<Integer> numbers(SampleSettings settings, List<Integer> ks) {
        return ks.isEmpty()
                ? SampleFigures.usual(settings.samples())
                : ks.stream().distinct().sorted().toList();
    }

    private static String words(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%5.1f %% (%.1f to %.1f)",
                100 * estimate.value(),
                100 * estimate.low(),
                100 * estimate.high());
    }

    /** The figures in both forms. */
    public Sheet sheet() {
        Sheet sheet = new Sheet();
        say(sheet);
        put(sheet.figures());
        return sheet;
    }

    private void put(ObjectNode json) {
        json.put("folder", folder.toString());
        json.put("model", settings.model().path());
        json.put("data", settings.data().name());
        json.put("split", settings.data().split());
        json.put("questions", questions);
        json.put("trained", settings.data().trained().size());
        json.put("samples", settings.samples());
        json.put("failed", figures.failed());
        json.set("answered", Results.number(figures.answered()));
        json.set("greedy", json(figures.greedy()));
        json.set("single", json(figures.single()));
        ArrayNode list = json.putArray("at");
        for (int i = 0; i < figures.at().size(); i++) {
            SampleFigures.AtK at = figures.at().get(i);
            ObjectNode entry = list.addObject().put("k", at.k());
            entry.set("vote", json(at.vote()));
            if (ranked != null) {
                entry.set("rerank", json(ranked.at().get(i).rerank()));
                entry.set("weighted-vote", json(ranked.at().get(i).weighted()));
            }
            entry.set("pass", json(at.pass()));
        }
        if (ranked != null) {
            ObjectNode classifier = json.putObject("classifier");
            classifier.set("accuracy", Results.number(ranked.classifier().accuracy()));
            classifier.set("auc", Results.number(ranked.classifier().auc()));
            classifier.set("auc-within", Results.number(ranked.classifier().withinQuestions()));
            classifier.set("loss", Results.number(ranked.classifier().loss()));
        }
    }

    private static ObjectNode json(Estimate estimate) {
        ObjectNode json = Results.object();
        json.set("accuracy", Results.number(estimate.value()));
        json.set("low", Results.number(estimate.low()));
        json.set("high", Results.number(estimate.high()));
        return json;
    }
}
