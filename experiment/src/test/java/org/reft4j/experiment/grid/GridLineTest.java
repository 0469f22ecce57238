package org.reft4j.experiment.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.run.RunReader.Measured;

class GridLineTest {
    /** One run has 25 steps and one 35; both were measured at 10 and 20, and at their ends. */
    private static final List<TreeMap<Integer, Measured>> MEASURED = List.of(
            new TreeMap<>(Map.of(10, measured(10, 0.2), 20, measured(20, 0.3), 25, measured(25, 0.5))),
            new TreeMap<>(Map.of(
                    10, measured(10, 0.4), 20, measured(20, 0.5), 30, measured(30, 0.6), 35, measured(35, 0.7))));

    private static final List<TreeMap<Integer, RunCost>> COSTS = List.of(
            new TreeMap<>(Map.of(10, cost(10), 20, cost(20), 25, cost(25))),
            new TreeMap<>(Map.of(10, cost(10), 20, cost(20), 35, cost(35))));

    @Test
    void runsOfDifferentLengthHaveTheirEndInCommon() {
        assertEquals(
                List.of(
                        "10 steps, 100 samples: 0.2 0.30 0.4",
                        "20 steps, 200 samples: 0.3 0.40 0.5",
                        "30 steps, 300 samples: 0.5 0.60 0.7"),
                words(GridLine.curve(MEASURED, COSTS, true)));
    }

    @Test
    void runsThatWereStoppedHaveNone() {
        assertEquals(
                List.of("10 steps, 100 samples: 0.2 0.30 0.4", "20 steps, 200 samples: 0.3 0.40 0.5"),
                words(GridLine.curve(MEASURED, COSTS, false)));
    }

    @Test
    void aCommonLastStepCountsOnce() {
        List<TreeMap<Integer, Measured>> same = List.of(MEASURED.getFirst(), MEASURED.getFirst());
        assertEquals(
                List.of(10.0, 20.0, 25.0),
                GridLine.curve(same, List.of(COSTS.getFirst(), COSTS.getFirst()), true).stream()
                        .map(mark -> mark.cost().steps())
                        .toList());
    }

    private static List<String> words(List<GridLine.Mark> curve) {
        return curve.stream()
                .map(mark -> String.format(
                        Locale.ROOT,
                        "%.0f steps, %.0f samples: %.1f %.2f %.1f",
                        mark.cost().steps(),
                        mark.cost().samples(),
                        mark.low(),
                        mark.accuracy(),
                        mark.high()))
                .toList();
    }

    private static Measured measured(int step, double accuracy) {
        return new Measured(step, "validation", 0, 0, accuracy, 0, 1, Double.NaN);
    }

    private static RunCost cost(int step) {
        return new RunCost(step, 10 * step, 0, 0);
    }
}
