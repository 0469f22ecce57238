package org.reft4j.experiment.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.measure.Estimate;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.SampleFigures;

class GridComparisonsTest {
    private static final RunCost NOTHING = new RunCost(0, 0, 0, 0);

    @TempDir
    private Path folder;

    /** With two values, one and other make two pairs; one and still, which is not swept, as well. */
    @Test
    void pairsAreComparedWithinTheSameSweptValue() throws IOException {
        Grid grid = GridFile.read(TinyGrid.write(folder, """
                name: rates
                seeds: [1]
                compare: [[one, other], [still, one]]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: one, recipe: reft.yaml, from: warmup}
                  - {name: other, recipe: reft.yaml, from: warmup}
                  - {name: still, recipe: reft.yaml, from: warmup}
                sweep: {key: steps, values: [5, 9], rungs: [one, other]}
                """));
        Map<String, Integer> right = Map.of(
                "warmup", 0, "one steps-5", 1, "one steps-9", 2, "other steps-5", 5, "other steps-9", 8, "still", 4);
        List<GridLine> lines = grid.cells().stream()
                .map(cell -> line(cell, right.getOrDefault(cell.group(), -1)))
                .toList();
        List<GridComparisons.Compared> comparisons = GridComparisons.of(grid, lines);
        assertEquals(
                List.of(
                        "warmup, one steps-5: 0.1",
                        "warmup, one steps-9: 0.2",
                        "warmup, other steps-5: 0.5",
                        "warmup, other steps-9: 0.8",
                        "warmup, still: 0.4",
                        "one steps-5, other steps-5: 0.4",
                        "one steps-9, other steps-9: 0.6",
                        "still, one steps-5: -0.3",
                        "still, one steps-9: -0.2"),
                comparisons.stream()
                        .map(pair -> pair.first() + ", " + pair.second() + ": "
                                + Math.round(10 * pair.figures().gain()) / 10.0)
                        .toList());
        // McNemar's p of 8 and of 6 questions that only the second has right is 2 / 2^8 and 2 / 2^6; nine comparisons
        // were made.
        assertEquals(9 * 2.0 / 256, comparisons.get(3).adjusted(), 1e-12);
        assertEquals(8 * 2.0 / 64, comparisons.get(6).adjusted(), 1e-12);
    }

    /** Greedily 2 of 10 are right, by vote the next three too. */
    @Test
    void votesAreComparedWithGreedyAnswers() throws IOException {
        Grid grid = GridFile.read(TinyGrid.write(folder, """
                name: votes
                seeds: [1]
                rungs:
                  - {name: warmup, recipe: warmup.yaml, vote: 8}
                """));
        SampleFigures votes = new SampleFigures(
                Estimate.wilson(2, 10),
                Estimate.wilson(2, 10),
                List.of(),
                1,
                line(grid.cells().getFirst(), 5).tests().getFirst().outcomes(),
                0);
        GridComparisons.Compared only = GridComparisons.of(
                        grid, List.of(line(grid.cells().getFirst(), 2, votes)))
                .getFirst();
        assertEquals("warmup, warmup (vote of 8)", only.first() + ", " + only.second());
        assertEquals(0.3, only.figures().gain(), 1e-12);
        assertEquals(0.25, only.figures().p(), 1e-12, "McNemar's of three against none");
    }

    private static GridLine line(Grid.Cell cell, int right, SampleFigures... votes) {
        List<Evaluation.Answered> answers = IntStream.range(0, 10)
                .mapToObj(i -> new Evaluation.Answered("q" + i, "", "", "", "", "", i < right, "", 0))
                .toList();
        return new GridLine(
                cell,
                List.of(new Evaluation(answers, 0, 0)),
                List.of(),
                List.of(),
                NOTHING,
                NOTHING,
                List.of(),
                List.of(),
                List.of(votes),
                List.of());
    }
}
