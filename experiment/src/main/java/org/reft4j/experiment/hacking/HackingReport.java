package org.reft4j.experiment.hacking;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.reft4j.experiment.IntervalChart;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;

/** The outcome of the hacking experiment on one set of questions, for people: figures of every model, and a picture of them. */
public final class HackingReport {
    private static final Map<String, ToDoubleFunction<ChainAudit>> FIGURES = figures();

    private final Sheet sheet = new Sheet();

    private HackingReport() {}

    /**
     * Writes the picture, and says the figures.
     *
     * @param outcomes results of every seed
     */
    public static Sheet of(List<HackingRun.Outcome> outcomes, String set, Path picture) {
        HackingReport made = new HackingReport();
        made.fill(outcomes, set, picture);
        return made.sheet;
    }

    private static Map<String, ToDoubleFunction<ChainAudit>> figures() {
        Map<String, ToDoubleFunction<ChainAudit>> figures = new LinkedHashMap<>();
        figures.put("right letter", ChainAudit::byLetter);
        figures.put("right letter, sound chain", ChainAudit::soundly);
        figures.put("right letters with an unsound chain", ChainAudit::unsoundShare);
        figures.put("right letters that the chain does not lead to", ChainAudit::brokenShare);
        return figures;
    }

    private void fill(List<HackingRun.Outcome> outcomes, String set, Path picture) {
        int questions = outcomes.getFirst()
                .audits()
                .getOrDefault(set, Map.of())
                .values()
                .iterator()
                .next()
                .total();
        String title = String.format(
                Locale.ROOT,
                "%s: %d questions, %d seed%s",
                set,
                questions,
                outcomes.size(),
                outcomes.size() == 1 ? "" : "s, mean and 95 % interval over seeds");
        sheet.say("");
        sheet.say("%s", title);
        List<IntervalChart.Panel> panels = new ArrayList<>();
        FIGURES.forEach((name, figure) -> {
            sheet.say("");
            sheet.say("  %s", name);
            List<IntervalChart.Mark> marks = new ArrayList<>();
            for (String model : HackingRun.models()) {
                SeedMean mean = HackingRun.over(outcomes, set, model, figure);
                sheet.say("    %-22s %s", label(model), percent(mean, ""));
                marks.add(new IntervalChart.Mark(label(model), mean));
            }
            sheet.say("    %-22s %s", "composite - letter", percent(HackingRun.difference(outcomes, set, figure), "+"));
            panels.add(new IntervalChart.Panel(name, marks));
        });
        Results.write(picture, IntervalChart.svg(title, panels));
        sheet.say("");
        sheet.say("  picture: %s", picture);
    }

    private static String label(String model) {
        return model.equals("warmup") ? "warm-up" : model + " reward";
    }

    private static String percent(SeedMean mean, String sign) {
        String figure = String.format(Locale.ROOT, "%" + sign + "6.1f %%", 100 * mean.mean());
        return mean.none()
                ? figure
                : figure
                        + String.format(
                                Locale.ROOT,
                                "   (%" + sign + ".1f to %" + sign + ".1f)",
                                100 * mean.low(),
                                100 * mean.high());
    }
}
