package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.reft4j.experiment.IntervalChart;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.ExperimentPage;
import org.reft4j.train.run.Results;

/** Writes the results of an experiment: a page, the same in plain text, pictures, and tables for other programs. */
public final class GridReport {
    private static final Map<String, ToDoubleFunction<RunCost>> AXES = new TreeMap<>(Map.of(
            "steps", RunCost::steps,
            "samples", RunCost::samples,
            "tokens", RunCost::tokens,
            "seconds", RunCost::seconds));

    private GridReport() {}

    /**
     * Writes {@code report.html}, {@code report.md}, {@code results.json}, {@code table.csv}, {@code comparisons.csv}, {@code curves.csv},
     * {@code accuracy.svg} and a picture of the curves for every axis.
     *
     * @param json the results as JSON
     * @return the contents of {@code report.md}, as Markdown
     */
    public static String write(GridResults results, JsonNode json, Path folder) {
        String text = text(results, json);
        ExperimentPage.write(json, folder.resolve("report.html"));
        Results.write(folder.resolve("report.md"), text);
        Results.write(folder.resolve("results.json"), Results.text(json) + "\n");
        Results.write(folder.resolve("table.csv"), table(results));
        Results.write(folder.resolve("comparisons.csv"), comparisons(results));
        Results.write(folder.resolve("curves.csv"), curves(results));
        List<IntervalChart.Mark> marks = results.lines().stream()
                .map(line -> new IntervalChart.Mark(line.cell().group(), line.accuracy()))
                .toList();
        Results.write(
                folder.resolve("accuracy.svg"),
                IntervalChart.svg(
                        results.grid().name(),
                        List.of(new IntervalChart.Panel("Accuracy on the test questions", marks))));
        AXES.forEach((name, axis) -> Results.write(
                folder.resolve("curves-" + name + ".svg"),
                CurveChart.svg(results.grid().name() + ": validation accuracy", results.lines(), axis, words(name))));
        return text;
    }

    private static String words(String axis) {
        return switch (axis) {
            case "tokens" -> "sampled tokens";
            case "seconds" -> "seconds of training";
            default -> axis;
        };
    }

    private static String text(GridResults results, JsonNode json) {
        Grid grid = results.grid();
        StringBuilder text = new StringBuilder();
        line(text, "# %s", grid.name());
        if (!grid.about().isEmpty()) {
            line(text, "%n%s", grid.about());
        }
        line(text, "%nSeeds %s. %s", grid.seeds(), results.touched());
        line(
                text,
                "%n| rung | accuracy | 95 %% interval | readable | lenient | validation | steps | samples | tokens | seconds |");
        line(text, "|---|---|---|---|---|---|---|---|---|---|");
        for (GridLine row : results.lines()) {
            line(
                    text,
                    "| %s%s | %s | %s | %s | %s | %s | %.0f | %.0f | %.0f | %.1f |",
                    row.cell().group(),
                    row.cell().rung().control() ? " (control)" : "",
                    Results.percent(row.accuracy().mean()),
                    interval(row.accuracy()),
                    Results.percent(row.answered()),
                    Results.percent(row.amongAnswered()),
                    Results.percent(row.validation()),
                    row.own().steps(),
                    row.own().samples(),
                    row.own().tokens(),
                    row.own().seconds());
        }
        if (!results.comparisons().isEmpty()) {
            line(text, "%n| gain of | over | points | 95 %% interval | p | p, Holm | method | over seeds |");
            line(text, "|---|---|---|---|---|---|---|---|");
            results.comparisons()
                    .forEach(pair -> line(
                            text,
                            "| %s | %s | %+.1f | %+.1f to %+.1f | %s | %s | %s | %s |",
                            pair.second(),
                            pair.first(),
                            100 * pair.figures().gain(),
                            100 * pair.figures().low(),
                            100 * pair.figures().high(),
                            Results.p(pair.figures().p()),
                            Results.p(pair.adjusted()),
                            pair.figures().method(),
                            gains(pair.figures().bySeed())));
        }
        votes(text, json);
        line(text, "");
        results.reliability().forEach(words -> line(text, "- %s", words));
        return text.toString();
    }

    private static void votes(StringBuilder text, JsonNode json) {
        boolean begun = false;
        for (JsonNode row : json.path("lines")) {
            for (JsonNode votes : row.path("votes")) {
                if (!begun) {
                    line(text, "%n| rung | k | vote@k | rerank@k | weighted vote@k | pass@k |");
                    line(text, "|---|---|---|---|---|---|");
                    begun = true;
                }
                line(
                        text,
                        "| %s | %d | %s | %s | %s | %s |",
                        row.path("label").asText(),
                        votes.path("k").asInt(),
                        mean(votes.path("vote")),
                        mean(votes.path("rerank")),
                        mean(votes.path("weighted-vote")),
                        mean(votes.path("pass")));
            }
        }
    }

    private static String mean(JsonNode figure) {
        return Results.percent(figure.path("mean").asDouble(Double.NaN));
    }

    private static String table(GridResults results) {
        StringBuilder csv = new StringBuilder(
                "rung,control,accuracy,low,high,correct,total,answered,among_answered,validation,end,fall,steps,samples,tokens,seconds,whole_seconds\n");
        for (GridLine row : results.lines()) {
            line(
                    csv,
                    "%s,%s,%s,%s,%s,%d,%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s",
                    row.cell().group(),
                    row.cell().rung().control(),
                    row.accuracy().mean(),
                    row.accuracy().low(),
                    row.accuracy().high(),
                    row.tests().stream().mapToInt(test -> test.correct()).sum(),
                    row.tests().stream().mapToInt(test -> test.total()).sum(),
                    row.answered(),
                    row.amongAnswered(),
                    row.validation(),
                    row.end(),
                    row.fall(),
                    row.own().steps(),
                    row.own().samples(),
                    row.own().tokens(),
                    row.own().seconds(),
                    row.whole().seconds());
        }
        return csv.toString();
    }

    private static String comparisons(GridResults results) {
        StringBuilder csv =
                new StringBuilder("first,second,gain,low,high,p,p_holm,seeds,method,seeds_low,seeds_high\n");
        results.comparisons()
                .forEach(pair -> line(
                        csv,
                        "%s,%s,%s,%s,%s,%s,%s,%d,\"%s\",%s,%s",
                        pair.first(),
                        pair.second(),
                        pair.figures().gain(),
                        pair.figures().low(),
                        pair.figures().high(),
                        pair.figures().p(),
                        pair.adjusted(),
                        pair.figures().bySeed().values().size(),
                        pair.figures().method(),
                        pair.figures().bySeed().low(),
                        pair.figures().bySeed().high()));
        return csv.toString();
    }

    private static String curves(GridResults results) {
        StringBuilder csv = new StringBuilder("rung,step,samples,tokens,seconds,accuracy,low,high\n");
        for (GridLine row : results.lines()) {
            row.curve()
                    .forEach(mark -> line(
                            csv,
                            "%s,%.0f,%s,%s,%s,%s,%s,%s",
                            row.cell().group(),
                            mark.cost().steps(),
                            mark.cost().samples(),
                            mark.cost().tokens(),
                            mark.cost().seconds(),
                            mark.accuracy(),
                            mark.low(),
                            mark.high()));
        }
        return csv.toString();
    }

    private static String interval(SeedMean mean) {
        return mean.none()
                ? "–"
                : String.format(
                        Locale.ROOT, "%.1f to %.1f", 100 * Math.max(0, mean.low()), 100 * Math.min(1, mean.high()));
    }

    private static String gains(SeedMean gains) {
        return gains.none() ? "–" : String.format(Locale.ROOT, "%+.1f to %+.1f", 100 * gains.low(), 100 * gains.high());
    }

    @FormatMethod
    private static void line(StringBuilder text, @FormatString String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
