package org.reft4j.experiment.grid;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.reft4j.experiment.AnsweredFolder;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.RankedFigures;
import org.reft4j.train.measure.SampleFigures;
import org.reft4j.train.measure.SeedMean;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.RunReader.Measured;

/**
 * One line of an experiment's tables: a rung, with one value of what is swept, over its seeds.
 *
 * @param cell its cell with the first seed
 * @param tests the test answers by seed
 * @param dates dates of the test answers, by seed
 * @param chosen validation accuracy of the best checkpoints, by seed
 * @param own cost of its runs, mean over seeds
 * @param whole the same including the rungs that it starts from or whose samples it trains on
 * @param curve validation accuracy at the evaluations
 * @param diverged the seeds of runs that a guard stopped
 * @param votes figures of samples, by seed
 * @param ranked figures of a reward model on these samples, if there is one
 */
public record GridLine(
        Grid.Cell cell,
        List<Evaluation> tests,
        List<String> dates,
        List<Double> chosen,
        RunCost own,
        RunCost whole,
        List<Mark> curve,
        List<Long> diverged,
        List<SampleFigures> votes,
        List<RankedFigures> ranked) {

    /**
     * A point of the curve.
     *
     * @param cost cost up to this point, mean over seeds
     * @param accuracy mean over seeds
     * @param low lowest accuracy of a seed; with a single seed the lower end of its Wilson interval
     * @param high highest accuracy of a seed, or the upper end
     */
    public record Mark(RunCost cost, double accuracy, double low, double high) {}

    static GridLine of(Grid grid, Grid.Cell first, Path folder) {
        List<Evaluation> tests = new ArrayList<>();
        List<String> dates = new ArrayList<>();
        List<Double> chosen = new ArrayList<>();
        List<RunCost> own = new ArrayList<>();
        List<RunCost> whole = new ArrayList<>();
        List<RunReader> runs = new ArrayList<>();
        List<Long> diverged = new ArrayList<>();
        List<SampleFigures> votes = new ArrayList<>();
        List<RankedFigures> ranked = new ArrayList<>();
        for (long seed : grid.seeds()) {
            Grid.Cell cell = new Grid.Cell(first.rung(), first.setting(), first.value(), seed);
            Path place = folder.resolve(cell.path());
            RunReader run = RunReader.of(place);
            runs.add(run);
            run.outcome()
                    .filter(outcome -> outcome == RunEvent.Outcome.DIVERGED)
                    .ifPresent(_ -> diverged.add(seed));
            AnsweredFolder answered = AnsweredFolder.of(place);
            tests.add(answered.evaluation());
            dates.add(answered.date().orElse("unknown"));
            chosen.add(chosen(run));
            own.add(RunCost.of(run));
            whole.add(whole(grid, cell, folder));
            new GridVotes(place, cell.rung().vote(), seed).figures().ifPresent(votes::add);
            GridRanking.of(grid, cell, folder)
                    .map(ranking -> ranking.figures(cell.rung().vote()))
                    .ifPresent(ranked::add);
        }
        return new GridLine(
                first,
                tests,
                dates,
                chosen,
                RunCost.mean(own),
                RunCost.mean(whole),
                curve(
                        runs.stream().map(GridLine::validation).toList(),
                        runs.stream().map(RunCost::at).toList(),
                        diverged.isEmpty()),
                diverged,
                votes,
                ranked);
    }

    private static double chosen(RunReader run) {
        int step = run.chosen().map(Run.Checkpoint::step).orElse(-1);
        return validation(run)
                .getOrDefault(step, new Measured(0, "", 0, 0, Double.NaN, 0, 0, Double.NaN))
                .accuracy();
    }

    private static RunCost whole(Grid grid, Grid.Cell cell, Path folder) {
        Set<Grid.Cell> needed = new LinkedHashSet<>();
        gather(grid, cell, needed);
        return needed.stream()
                .map(run -> RunCost.of(RunReader.of(folder.resolve(run.path()))))
                .reduce(new RunCost(0, 0, 0, 0), RunCost::plus);
    }

    /** A run, what it starts from and whose samples it learns from, each once. */
    private static void gather(Grid grid, Grid.Cell cell, Set<Grid.Cell> needed) {
        if (needed.add(cell)) {
            grid.origin(cell).ifPresent(origin -> gather(grid, origin, needed));
            grid.sampled(cell).ifPresent(sampled -> gather(grid, sampled, needed));
        }
    }

    private static TreeMap<Integer, Measured> validation(RunReader run) {
        TreeMap<Integer, Measured> measured = new TreeMap<>();
        run.evaluations().stream()
                .filter(Measured::validates)
                .forEach(evaluation -> measured.put(evaluation.step(), evaluation));
        return measured;
    }

    /**
     * The mean curve over the steps at which every seed was evaluated: a mean over others would jump where a seed is missing. If all runs
     * are complete, their ends form one point, even at different steps.
     *
     * @param measured accuracy of each run, by step
     * @param costs cost of each run up to a step
     * @param complete true if all runs are complete
     */
    static List<Mark> curve(
            List<TreeMap<Integer, Measured>> measured, List<TreeMap<Integer, RunCost>> costs, boolean complete) {
        List<Mark> curve = new ArrayList<>();
        for (int step : measured.getFirst().keySet()) {
            if (measured.stream().allMatch(run -> run.containsKey(step))) {
                curve.add(mark(measured, costs, Collections.nCopies(measured.size(), step)));
            }
        }
        if (complete && measured.stream().noneMatch(TreeMap::isEmpty)) {
            List<Integer> ends = measured.stream().map(TreeMap::lastKey).toList();
            if (ends.stream().distinct().count() > 1) {
                curve.add(mark(measured, costs, ends));
            }
        }
        return curve;
    }

    /** @param steps one of each run */
    private static Mark mark(
            List<TreeMap<Integer, Measured>> measured, List<TreeMap<Integer, RunCost>> costs, List<Integer> steps) {
        List<Measured> seeds = new ArrayList<>();
        List<RunCost> paid = new ArrayList<>();
        for (int run = 0; run < steps.size(); run++) {
            int step = steps.get(run);
            seeds.add(Objects.requireNonNull(measured.get(run).get(step)));
            RunCost cost = Optional.ofNullable(costs.get(run).floorEntry(step))
                    .map(Map.Entry::getValue)
                    .orElse(new RunCost(0, 0, 0, 0));
            paid.add(new RunCost(step, cost.samples(), cost.tokens(), cost.seconds()));
        }
        DoubleSummaryStatistics accuracy =
                seeds.stream().mapToDouble(Measured::accuracy).summaryStatistics();
        Measured one = seeds.getFirst();
        boolean several = seeds.size() > 1;
        return new Mark(
                RunCost.mean(paid),
                accuracy.getAverage(),
                several ? accuracy.getMin() : one.low(),
                several ? accuracy.getMax() : one.high());
    }

    /** The cost at which the mean curve first reached {@code accuracy}; empty if it never did. */
    public static Optional<RunCost> reached(List<Mark> curve, double accuracy) {
        return curve.stream()
                .filter(mark -> mark.accuracy() >= accuracy)
                .map(Mark::cost)
                .findFirst();
    }

    /** Test accuracy over seeds; of a single seed with the Wilson interval of its questions. */
    SeedMean accuracy() {
        SeedMean mean = SeedMean.of(tests.stream().map(Evaluation::accuracy).toList());
        return tests.size() > 1
                ? mean
                : new SeedMean(
                        mean.values(),
                        mean.mean(),
                        tests.getFirst().interval().getLowerBound(),
                        tests.getFirst().interval().getUpperBound());
    }

    /** The share of test answers that could be read, mean over seeds. */
    double answered() {
        return tests.stream().mapToDouble(Evaluation::answeredShare).average().orElse(Double.NaN);
    }

    /** The lenient score: of the answers that could be read, the share that is right; mean over seeds, NaN if none could. */
    double amongAnswered() {
        return tests.stream()
                .mapToDouble(test -> test.accuracy() / test.answeredShare())
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean validation accuracy of the chosen checkpoints. */
    double validation() {
        return chosen.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** Validation accuracy at the end of training; NaN if it was not measured, or if a run never got there. */
    double end() {
        return curve.isEmpty() || !diverged.isEmpty()
                ? Double.NaN
                : curve.getLast().accuracy();
    }

    /** The drop from the curve's highest point to its end, in [0, 1]: a sign of collapse. */
    double fall() {
        double top = curve.stream().mapToDouble(mark -> mark.accuracy()).max().orElse(Double.NaN);
        return top - end();
    }
}
