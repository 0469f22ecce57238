package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.measure.Estimate;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.Results;

/**
 * Results of an experiment.
 *
 * @param lines lines of the tables
 * @param comparisons with the baseline, then those that the file asks for, then of votes and rankings with greedy answers; p corrected
 *     together
 */
public record GridResults(Grid grid, List<GridLine> lines, List<GridComparisons.Compared> comparisons) {
    private static final int[] POINTS = {1, 2, 3};
    private static final int FEW_SEEDS = 5;

    public static GridResults of(Grid grid, Path folder) {
        List<GridLine> lines = new ArrayList<>();
        for (Grid.Rung rung : grid.rungs()) {
            if (rung.shown()) {
                grid.cells(rung, grid.seeds().getFirst()).forEach(cell -> lines.add(GridLine.of(grid, cell, folder)));
            }
        }
        return new GridResults(grid, lines, GridComparisons.of(grid, lines));
    }

    private static Optional<GridLine> baseline(Grid grid, List<GridLine> lines) {
        return lines.stream()
                .filter(line -> line.cell().rung().name().equals(grid.baseline()))
                .findFirst();
    }

    /** Remarks on the reliability of the numbers. */
    List<String> reliability() {
        List<String> words = new ArrayList<>();
        int seeds = grid.seeds().size();
        if (seeds == 1) {
            words.add("One seed: the intervals say how far other questions would move these numbers, and nothing about"
                    + " another seed.");
        } else if (seeds < FEW_SEEDS) {
            words.add(
                    seeds + " seeds: an interval that draws seeds anew has few to draw from and is too sure of itself;"
                            + " take an order of two rungs for that of other seeds only where the interval over seeds"
                            + " (Student's, of the seeds' gains) leaves out 0 as well.");
        } else {
            words.add(seeds + " seeds: the intervals over seeds say what another seed of the same settings would be"
                    + " expected to give, not what other data or other settings would. Where seeds differ much, the"
                    + " one of the seeds' gains (Student's) is wider than the one that draws seeds and questions anew,"
                    + " and the safer one.");
        }
        if (!comparisons.isEmpty()) {
            words.add(
                    comparisons.size() == 1
                            ? "One comparison was made, so that p needs no correction."
                            : comparisons.size() + " comparisons were made; the last p is corrected for that (Holm).");
        }
        List<String> stopped = lines.stream()
                .filter(line -> !line.diverged().isEmpty())
                .map(line -> line.cell().group()
                        + line.diverged().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", ", " (seed ", ")")))
                .toList();
        if (!stopped.isEmpty()) {
            words.add("Diverged, stopped by a guard, and measured by the best checkpoint until then: "
                    + String.join("; ", stopped) + ".");
        }
        List<String> others = lines.stream()
                .filter(line -> baseline(grid, lines)
                        .filter(baseline -> !GridComparisons.sameQuestions(baseline, line))
                        .isPresent())
                .map(line -> line.cell().group())
                .toList();
        if (!others.isEmpty()) {
            words.add("Not compared, because their test questions are others: " + String.join(", ", others) + ".");
        }
        return words;
    }

    /** When the test questions were looked at, in words. */
    String touched() {
        List<String> dates =
                lines.stream().flatMap(line -> line.dates().stream()).sorted().toList();
        return String.format(
                Locale.ROOT,
                "Models were chosen on validation questions. The test questions were answered once by each chosen model, "
                        + "after all training of that call was done: %s.%s",
                dates.isEmpty() || dates.getFirst().equals(dates.getLast())
                        ? String.join("", dates.stream().limit(1).toList())
                        : dates.getFirst() + " to " + dates.getLast(),
                lines.stream().allMatch(line -> line.votes().isEmpty())
                        ? ""
                        : " Behind them the samples that are voted and ranked were drawn.");
    }

    /** Validation accuracy of the baseline's chosen checkpoints, above which others are to get. */
    double bar() {
        return baseline(grid, lines).map(GridLine::validation).orElse(Double.NaN);
    }

    /** Everything, as the page and programs read it. Shares are in [0, 1]. */
    public ObjectNode json() {
        ObjectNode json = Results.object()
                .put("name", grid.name())
                .put("about", grid.about())
                .put("baseline", grid.baseline())
                .put("touched", touched());
        ArrayNode seeds = json.putArray("seeds");
        grid.seeds().forEach(seeds::add);
        ArrayNode words = json.putArray("reliability");
        reliability().forEach(words::add);
        json.set("bar", Results.number(bar()));
        grid.sweep().ifPresent(sweep -> json.put("swept", sweep.key()));
        ArrayNode array = json.putArray("lines");
        lines.forEach(line -> array.add(json(line)));
        ArrayNode pairs = json.putArray("comparisons");
        comparisons.forEach(pair -> pairs.addObject()
                .put("first", pair.first())
                .put("second", pair.second())
                .put("line", pair.line().cell().group())
                .put("gain", pair.figures().gain())
                .put("low", pair.figures().low())
                .put("high", pair.figures().high())
                .put("p", pair.figures().p())
                .put("adjusted", pair.adjusted())
                .put("method", pair.figures().method())
                .set("by-seed", bySeed(pair.figures().bySeed())));
        return json;
    }

    private ObjectNode json(GridLine line) {
        ObjectNode node = Results.object()
                .put("label", line.cell().group())
                .put("rung", line.cell().rung().name())
                .put("control", line.cell().rung().control())
                .put("path", line.cell().path());
        line.cell().value().ifPresent(value -> node.set("value", value));
        node.set("accuracy", json(line.accuracy()));
        node.put("correct", line.tests().stream().mapToInt(Evaluation::correct).sum());
        node.put("total", line.tests().stream().mapToInt(Evaluation::total).sum());
        node.set("answered", Results.number(line.answered()));
        node.set("among-answered", Results.number(line.amongAnswered()));
        node.set("validation", Results.number(line.validation()));
        node.set("end", Results.number(line.end()));
        node.set("fall", Results.number(line.fall()));
        ArrayNode diverged = node.putArray("diverged");
        line.diverged().forEach(diverged::add);
        node.set("cost", json(line.own()));
        node.set("whole-cost", json(line.whole()));
        ArrayNode reached = node.putArray("reached");
        for (int points : POINTS) {
            ObjectNode entry = reached.addObject().put("points", points);
            GridLine.reached(line.curve(), bar() + points / 100.0).ifPresent(cost -> entry.set("cost", json(cost)));
        }
        ArrayNode curve = node.putArray("curve");
        line.curve().forEach(mark -> {
            ObjectNode entry = json(mark.cost());
            entry.putObject("accuracy")
                    .put("mean", mark.accuracy())
                    .put("low", mark.low())
                    .put("high", mark.high());
            curve.add(entry);
        });
        ArrayNode votes = node.putArray("votes");
        for (int i = 0;
                !line.votes().isEmpty() && i < line.votes().getFirst().at().size();
                i++) {
            int at = i;
            ObjectNode entry = votes.addObject()
                    .put("k", line.votes().getFirst().at().get(i).k());
            entry.set(
                    "vote",
                    json(over(line.votes(), figures -> figures.at().get(at).vote())));
            entry.set(
                    "pass",
                    json(over(line.votes(), figures -> figures.at().get(at).pass())));
            if (!line.ranked().isEmpty()) {
                entry.set(
                        "rerank",
                        json(over(line.ranked(), figures -> figures.at().get(at).rerank())));
                entry.set(
                        "weighted-vote",
                        json(over(line.ranked(), figures -> figures.at().get(at).weighted())));
            }
        }
        return node;
    }

    private static <F> SeedMean over(List<F> bySeed, Function<F, Estimate> figure) {
        SeedMean mean = SeedMean.of(
                bySeed.stream().map(figures -> figure.apply(figures).value()).toList());
        Estimate one = figure.apply(bySeed.getFirst());
        return bySeed.size() > 1 ? mean : new SeedMean(mean.values(), mean.mean(), one.low(), one.high());
    }

    /** A mean of shares as JSON; its interval is limited to [0, 1]. */
    private static ObjectNode json(SeedMean mean) {
        return bySeed(new SeedMean(mean.values(), mean.mean(), Math.max(0, mean.low()), Math.min(1, mean.high())));
    }

    private static ObjectNode bySeed(SeedMean mean) {
        ObjectNode node = Results.object();
        node.set("mean", Results.number(mean.mean()));
        node.set("low", Results.number(mean.low()));
        node.set("high", Results.number(mean.high()));
        ArrayNode values = node.putArray("values");
        mean.values().forEach(value -> values.add(Results.number(value)));
        return node;
    }

    private static ObjectNode json(RunCost cost) {
        return Results.object()
                .put("steps", cost.steps())
                .put("samples", cost.samples())
                .put("tokens", cost.tokens())
                .put("seconds", cost.seconds());
    }
}
