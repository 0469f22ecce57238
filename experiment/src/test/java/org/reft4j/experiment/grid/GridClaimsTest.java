package org.reft4j.experiment.grid;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.experiment.Audience;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.train.job.StopSource;
import org.reft4j.train.job.Toolbox;

/** Two processes that share an experiment, the second one a child of the test. */
class GridClaimsTest {
    @TempDir
    private Path folder;

    @Test
    void nobodyTakesWhatAnotherProcessHasUntilItEnds() throws Exception {
        Grid.Cell reft = cell("reft");
        try (GridClaims claims = GridClaims.in(folder)) {
            Process other = other(reft);
            try (BufferedReader said = new BufferedReader(new InputStreamReader(other.getInputStream(), UTF_8))) {
                assertEquals("taken", said.readLine());
                assertTrue(claims.take(reft).isEmpty());
                try (GridClaims.Claim free = claims.take(cell("sft")).orElseThrow()) {
                    assertTrue(other.isAlive(), free + " beside it");
                }
            } finally {
                other.destroyForcibly();
                assertTrue(other.waitFor(20, TimeUnit.SECONDS));
            }
            try (GridClaims.Claim claim = claims.take(reft).orElseThrow()) {
                assertFalse(other.isAlive(), claim + " was taken back from a process that was killed");
            }
        }
    }

    @Test
    @Timeout(120)
    void aRunThatAnotherProcessIsAtIsLeftToItAndWaitedFor() throws Exception {
        Path file = TinyGrid.write(folder);
        Path out = folder.resolve("out");
        try (GridClaims claims = GridClaims.in(out)) {
            assertTrue(claims.take(cell("nothing")).isPresent());
        }
        Grid grid = GridFile.read(file);
        Toolbox.Plugins plugins = Toolbox.Plugins.NONE;
        GridPlan plan = GridPlan.of(grid, out, plugins, HubProgress.NONE);
        Process other = other(out, cell("reft"));
        List<String> said = new ArrayList<>();
        Audience audience = new Listening(sentence -> {
            said.add(sentence);
            if (sentence.startsWith("waiting")) {
                other.destroyForcibly();
            }
        });
        try (BufferedReader taken = new BufferedReader(new InputStreamReader(other.getInputStream(), UTF_8))) {
            assertEquals("taken", taken.readLine());
            assertTrue(new GridRun(grid, plan, out, plugins, List.of(), audience).run());
            List<String> order = said.stream()
                    .filter(sentence -> sentence.contains(" of 6: "))
                    .map(sentence -> sentence.replaceFirst("(?s)run (\\d) of 6.*", "$1"))
                    .toList();
            assertEquals(List.of("1", "3", "4", "5", "6", "2"), order, () -> said.toString());
            assertTrue(said.contains("waiting for what other processes are at: reft/seed-1"), () -> said.toString());
        } finally {
            other.destroyForcibly();
        }
    }

    /** Hears what an experiment says. */
    private record Listening(Consumer<String> ear) implements Audience {
        @Override
        public void remark(String sentence) {
            ear.accept(sentence);
        }

        @Override
        public Work begin(String work, int done, int total) {
            return NONE.begin(work, done, total);
        }

        @Override
        public StopSource stops() {
            return NONE.stops();
        }
    }

    private Process other(Grid.Cell cell) throws IOException {
        return other(folder, cell);
    }

    private static Process other(Path folder, Grid.Cell cell) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString(),
                        cell.rung().name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Grid.Cell cell(String rung) {
        return new Grid.Cell(
                new Grid.Rung(
                        rung,
                        Path.of("x.yaml"),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        true,
                        0,
                        Optional.empty()),
                "",
                Optional.empty(),
                1);
    }

    /** The other process: claims a run, says so, and never ends by itself. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (GridClaims claims = GridClaims.in(Path.of(arguments[0]));
                    GridClaims.Claim claim = claims.take(cell(arguments[1])).orElseThrow()) {
                System.out.println(claim == null ? "" : "taken");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }
}
