package org.reft4j.experiment.grid;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.HolmCorrection;
import org.reft4j.train.measure.RankedFigures;
import org.reft4j.train.measure.SampleFigures;
import org.reft4j.train.measure.SeedsComparison;

/** Comparisons of an experiment, on the same questions. */
public final class GridComparisons {
    private GridComparisons() {}

    /**
     * One way of answering against another.
     *
     * @param line that the second belongs to
     * @param adjusted p after Holm's correction over all comparisons of the experiment
     */
    public record Compared(String first, String second, GridLine line, SeedsComparison figures, double adjusted) {}

    /** Each line with the baseline, then the pairs that the file asks for, then votes and rankings with greedy answers; p corrected together. */
    public static List<Compared> of(Grid grid, List<GridLine> lines) {
        List<Way> ways = lines.stream().map(Way::greedy).toList();
        List<Pair> pairs = Stream.of(
                        rung(grid.baseline(), ways)
                                .flatMap(baseline -> ways.stream()
                                        .filter(way -> !way.equals(baseline))
                                        .map(way -> new Pair(baseline, way))),
                        grid.pairs().stream().flatMap(pair -> paired(pair, ways)),
                        ways.stream().flatMap(GridComparisons::chosen))
                .flatMap(Function.identity())
                .filter(Pair::sameQuestions)
                .toList();
        List<SeedsComparison> figures = pairs.stream()
                .map(pair -> SeedsComparison.of(
                        pair.first().outcomes(), pair.second().outcomes()))
                .toList();
        List<Double> adjusted = HolmCorrection.adjust(
                figures.stream().map(SeedsComparison::cautiousP).toList());
        List<Compared> comparisons = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            comparisons.add(new Compared(
                    pair.first().name(), pair.second().name(), pair.second().line(), figures.get(i), adjusted.get(i)));
        }
        return comparisons;
    }

    /**
     * A way of answering the test questions.
     *
     * @param outcomes by seed: whether each question is answered right, by its id
     */
    private record Way(GridLine line, String name, List<Map<String, Boolean>> outcomes) {
        static Way greedy(GridLine line) {
            return new Way(
                    line,
                    line.cell().group(),
                    line.tests().stream().map(Evaluation::outcomes).toList());
        }
    }

    /** A pair of ways of answering, to compute the second's gain over the first. */
    private record Pair(Way first, Way second) {
        boolean sameQuestions() {
            return GridComparisons.sameQuestions(first.line(), second.line());
        }
    }

    /** Pairs of the greedy answers and each choice among several samples. */
    private static Stream<Pair> chosen(Way greedy) {
        GridLine line = greedy.line();
        int samples = line.cell().rung().vote();
        List<Way> ways = new ArrayList<>();
        if (!line.votes().isEmpty()) {
            ways.add(new Way(
                    line,
                    greedy.name() + " (vote of " + samples + ")",
                    line.votes().stream().map(SampleFigures::voted).toList()));
        }
        if (!line.ranked().isEmpty()) {
            ways.add(new Way(
                    line,
                    greedy.name() + " (reranked of " + samples + ")",
                    line.ranked().stream().map(RankedFigures::reranked).toList()));
        }
        return ways.stream().map(way -> new Pair(greedy, way));
    }

    private static Stream<Pair> paired(Grid.Pair pair, List<Way> ways) {
        return rung(pair.first(), ways)
                .flatMap(first -> rung(pair.second(), ways)
                        .filter(second ->
                                comparable(first.line().cell(), second.line().cell()))
                        .map(second -> new Pair(first, second)));
    }

    private static Stream<Way> rung(String name, List<Way> ways) {
        return ways.stream().filter(way -> way.line().cell().rung().name().equals(name));
    }

    private static boolean comparable(Grid.Cell first, Grid.Cell second) {
        return first.value().isEmpty()
                || second.value().isEmpty()
                || first.value().equals(second.value());
    }

    static boolean sameQuestions(GridLine first, GridLine second) {
        return ids(first).equals(ids(second));
    }

    private static Set<String> ids(GridLine line) {
        Set<String> ids = new HashSet<>();
        line.tests().getFirst().answers().forEach(answer -> ids.add(answer.questionId() + " " + answer.target()));
        return ids;
    }
}
