package org.reft4j.experiment.quickstart;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.commons.statistics.interval.Interval;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.PairedComparison;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.Sheet;

/** The last words of a quickstart, for people: what the three models can do, and some questions before and after. */
public final class QuickstartReport {
    private static final int EXAMPLES = 3;

    private final Sheet sheet = new Sheet();

    private QuickstartReport() {}

    /** @param folder folder of the quickstart */
    public static Sheet of(QuickstartRun.Outcome outcome, Path folder) {
        QuickstartReport made = new QuickstartReport();
        made.fill(outcome, folder);
        return made.sheet;
    }

    private void fill(QuickstartRun.Outcome outcome, Path folder) {
        sheet.say("");
        sheet.say("Held-out test questions, greedy:");
        sheet.say("");
        sheet.say("  %-24s %9s   %-16s %s", "", "accuracy", "95 % interval", "correct");
        row("warm-up", outcome.of("warmup"));
        row("SFT, continued", outcome.of("sft"));
        row("ReFT", outcome.of("reft"));
        PairedComparison gain = outcome.gain();
        sheet.say("");
        sheet.say(
                "  ReFT against %s, question by question: %+.1f points (95 %% interval %+.1f to %+.1f; exact McNemar p %s)",
                outcome.better().equals("sft") ? "SFT" : "the warm-up",
                100 * gain.gain(),
                100 * gain.low(),
                100 * gain.high(),
                gain.p() < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "= %.4f", gain.p()));
        sheet.say("");
        sheet.say("Three questions, before (warm-up) and after (ReFT):");
        for (String example : QuickstartRun.examples(outcome, EXAMPLES)) {
            sheet.say("%s", "\n" + example.stripTrailing());
        }
        sheet.say("");
        sheet.say("report:  %s", folder.resolve("report.html"));
        sheet.say("results: %s", folder.resolve("results.json"));
    }

    private void row(String label, Evaluation evaluation) {
        Interval interval = evaluation.interval();
        sheet.say(
                "  %-24s %7.1f %%   %4.1f to %4.1f %%   %d of %d",
                label,
                100 * evaluation.accuracy(),
                100 * interval.getLowerBound(),
                100 * interval.getUpperBound(),
                evaluation.correct(),
                evaluation.total());
    }

    /** Over several seeds: the mean gain with Student's 95 % interval. */
    public static Sheet ofSeeds(List<QuickstartRun.Outcome> outcomes) {
        SeedMean gain = SeedMean.of(
                outcomes.stream().map(outcome -> outcome.gain().gain()).toList());
        Sheet sheet = new Sheet();
        sheet.say("");
        sheet.say(
                "mean gain of ReFT over the better of warm-up and SFT, %d seeds: %+.1f points (%s)",
                outcomes.size(),
                100 * gain.mean(),
                gain.none()
                        ? "all seeds agree: no interval"
                        : String.format(
                                Locale.ROOT, "95 %% interval %+.1f to %+.1f", 100 * gain.low(), 100 * gain.high()));
        ArrayNode all = sheet.figures().putArray("seeds");
        outcomes.forEach(outcome -> all.add(outcome.json()));
        sheet.figures()
                .putObject("gain")
                .put("mean", gain.mean())
                .put("low", gain.low())
                .put("high", gain.high());
        return sheet;
    }

    /** The same on one line. */
    public static String line(QuickstartRun.Outcome outcome) {
        return String.format(
                Locale.ROOT,
                "warm-up %.1f %%, SFT %.1f %%, ReFT %.1f %%: %+.1f points over the better",
                100 * outcome.of("warmup").accuracy(),
                100 * outcome.of("sft").accuracy(),
                100 * outcome.of("reft").accuracy(),
                100 * outcome.gain().gain());
    }
}
