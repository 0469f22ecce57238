package org.reft4j.experiment.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.Setting;

class GridFileTest {
    @TempDir
    private Path folder;

    @Test
    void runsSeedBySeedAndSharesWhatIsNotSwept() throws IOException {
        Grid grid = GridFile.read(TinyGrid.write(folder, """
                name: rates
                seeds: [1, 2]
                rungs:
                  - {name: warmup, recipe: warmup.yaml, shown: false}
                  - {name: reft, recipe: reft.yaml, from: warmup}
                sweep: {key: optimizer.learning-rate, values: [1e-3, 1e-2]}
                """));
        assertEquals(
                List.of(
                        "warmup/seed-1",
                        "reft/learning-rate-0.001/seed-1",
                        "reft/learning-rate-0.01/seed-1",
                        "warmup/seed-2",
                        "reft/learning-rate-0.001/seed-2",
                        "reft/learning-rate-0.01/seed-2"),
                grid.cells().stream().map(Grid.Cell::path).toList());
        Grid.Cell last = grid.cells().getLast();
        Grid prose = grid.with(List.of(new Setting("data.cot", "n")));
        assertEquals("Every rung with data.cot=n.", prose.about());
        assertEquals("warmup/seed-2", grid.origin(last).orElseThrow().path());
        Links links = new Links(
                Optional.of(new Links.Made(Path.of("/models/x"))),
                Optional.of(new Links.ToCome(Path.of("/samples/y"))));
        assertEquals(
                List.of(
                        new Setting("data.cot", "n"),
                        new Setting("optimizer.learning-rate", "0.01"),
                        new Setting("seed", "2"),
                        new Setting("model.new", "null"),
                        new Setting("model.path", "/models/x"),
                        new Setting("samples.path", "/samples/y")),
                prose.settings(prose.cells().getLast(), links));
        assertEquals(Set.of("samples.path"), links.toCome());
    }

    @Test
    void refusesWhatTheGridItselfDecidesAndWhatWouldBeLost() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: rates
                about: [a, b]
                seeds: [1]
                baseline: hidden
                rungs:
                  - {name: report.html, recipe: reft.yaml}
                  - {name: hidden, recipe: reft.yaml, shown: false, vote: 2, set: {seed: 7}}
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: reft, recipe: reft.yaml, from: warmup, samples: warmup, set: {model.path: x, samples.path: y}}
                sweep: {key: data.path, values: [a_b, a-b], rungs: reft}
                """);
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> GridFile.read(file)).getMessage());
        for (String part : List.of(
                "9 problems:",
                "about is [\"a\",\"b\"]; expected a text",
                "baseline is \"hidden\"; expected one of the rungs that are shown, [warmup, reft]",
                "rungs[0].name is \"report.html\"; expected a plain folder name",
                "rungs[1].vote is 2; expected none where shown is false",
                "rungs[1].set is {\"seed\":7}; expected no seed, which the grid decides",
                "expected no model.path, which the grid decides",
                "expected no samples.path, which the grid decides",
                "sweep.values is \"a-b\"; expected a value whose folder, path-a-b, no other has",
                "sweep.rungs is \"reft\"; expected a list of rungs")) {
            assertTrue(message.contains(part), message);
        }
        Path hidden = TinyGrid.write(folder, """
                name: rates
                seeds: [1]
                rungs:
                  - {name: warmup, recipe: warmup.yaml, shown: false}
                sweep: {key: samples.path, values: {a: 1, b: 2}}
                """);
        String none = String.valueOf(
                assertThrows(ConfigException.class, () -> GridFile.read(hidden)).getMessage());
        assertTrue(none.contains("no rung is shown"), none);
        assertTrue(none.contains("sweep.key is \"samples.path\"; expected a setting such as"), none);
        assertTrue(none.contains("sweep.values is {\"a\":1,\"b\":2}; expected a list"), none);
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: a/b
                seeds: [1, 1]
                baseline: nobody
                compare: [[reft], [reft, nobody], [reft, reft]]
                colour: blue
                rungs:
                  - {name: reft, recipe: absent.yaml, from: warmup}
                  - {name: reft, recipe: reft.yaml, vote: 0, shown: maybe}
                  - {recipe: reft.yaml}
                sweep: {key: seed, values: [], rungs: [someone]}
                """);
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> GridFile.read(file)).getMessage());
        for (String part : List.of(
                "16 problems:",
                "compare[0] is [\"reft\"]; expected two rungs that are measured, among [reft, reft]",
                "compare[1] is [\"reft\",\"nobody\"]; expected two rungs",
                "compare[2] is [\"reft\",\"reft\"]; expected two rungs",
                "there is no key colour",
                "name is \"a/b\"; expected a plain folder name",
                "seeds is [1,1]; expected a list of different whole numbers",
                "baseline is \"nobody\"; expected one of the rungs that are shown, [reft, reft]",
                "rungs[0].recipe is \"absent.yaml\"; expected a configuration file (looked for",
                "rungs[0].from is \"warmup\"; expected the name of a rung before it (there is none)",
                "rungs[1].name is \"reft\"; expected a name that no rung before it has",
                "rungs[1].vote is 0; expected how many answers",
                "rungs[1].shown is \"maybe\"; expected true or false",
                "rungs[2].name is missing; expected a plain folder name",
                "sweep.key is \"seed\"; expected a setting",
                "sweep.values is []; expected a list of different values",
                "sweep.rungs names someone; expected one of [reft, reft]")) {
            assertTrue(message.contains(part), part + " in\n" + message);
        }
    }

    @Test
    void pairsAreComparedOnceAndAmongWhatIsMeasured() throws IOException {
        String rungs = """
                name: tiny
                seeds: [1]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: stage, recipe: warmup.yaml, shown: false}
                  - {name: one, recipe: reft.yaml, from: stage}
                  - {name: other, recipe: reft.yaml, from: stage}
                  - {name: third, recipe: reft.yaml, from: stage}
                """;
        Grid grid = GridFile.read(TinyGrid.write(folder, rungs + "compare: [[one, other], [other, third]]\n"));
        assertEquals(List.of(new Grid.Pair("one", "other"), new Grid.Pair("other", "third")), grid.pairs());
        assertEquals(
                List.of(new Grid.Pair("one", "other")),
                grid.part(List.of(), List.of("one", "other")).pairs());
        Path file = TinyGrid.write(
                folder, rungs + "compare: [[one, other], [other, one], [warmup, one], [stage, one], [one, other]]\n");
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> GridFile.read(file)).getMessage());
        for (String part : List.of(
                "4 problems:",
                "compare[1] is [\"other\",\"one\"]; expected a pair that is not there yet",
                "compare[2] is [\"warmup\",\"one\"]; expected a pair without the baseline",
                "compare[3] is [\"stage\",\"one\"]; expected two rungs that are measured, among [warmup, one, other, third]",
                "compare[4] is [\"one\",\"other\"]; expected a pair that is not there yet")) {
            assertTrue(message.contains(part), part + " in\n" + message);
        }
    }

    /** A curve of 20, 30, 40 % at 10, 20, 30 steps: 30 % is reached at step 20, 30.1 % at step 30, 41 % never. */
    @Test
    void theFirstMeasurementThatIsGoodEnoughCounts() {
        List<GridLine.Mark> curve = List.of(mark(10, 0.2), mark(20, 0.3), mark(30, 0.4));
        assertEquals(20, GridLine.reached(curve, 0.3).orElseThrow().steps());
        assertEquals(30, GridLine.reached(curve, 0.301).orElseThrow().steps());
        assertTrue(GridLine.reached(curve, 0.41).isEmpty());
    }

    private static GridLine.Mark mark(int step, double accuracy) {
        return new GridLine.Mark(new RunCost(step, 0, 0, 0), accuracy, accuracy, accuracy);
    }
}
