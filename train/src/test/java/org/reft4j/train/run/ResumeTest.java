package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.rollout.KeptRollout;

/** A run that was killed and resumed leaves what an undisturbed one leaves. */
class ResumeTest {
    private static final String CONFIG = "recipe: reft\nseed: 7\n";
    private static final StoryRecipe RECIPE = new StoryRecipe(7, 8, 3, 2);

    @TempDir
    private Path temporary;

    @Test
    void killedAtEveryPoint() throws IOException {
        List<Path> snapshots = new ArrayList<>();
        Path undisturbed = temporary.resolve("undisturbed");
        try (RunFolder run = open(undisturbed)) {
            RECIPE.run(new SnapshotRun(run, () -> snapshots.add(snapshot(undisturbed, snapshots.size()))));
        }
        Outcome expected = Outcome.of(undisturbed);
        assertTrue(snapshots.size() > 30, "snapshots " + snapshots.size());
        for (Path killed : snapshots) {
            try (RunFolder run = open(killed)) {
                RECIPE.run(run);
            }
            assertEquals(expected, Outcome.of(killed), killed.toString());
        }
    }

    @Test
    void stoppedInOrderAtEveryStep() throws IOException {
        Path undisturbed = temporary.resolve("undisturbed");
        try (RunFolder run = open(undisturbed)) {
            RECIPE.run(run);
        }
        Path stopped = temporary.resolve("stopped");
        for (int part = 0; part < RECIPE.steps(); part++) {
            List<RunFolder> self = new ArrayList<>();
            RunListener stopper = event -> {
                if (event instanceof RunEvent.Stepped) {
                    self.getFirst().requestStop();
                }
            };
            try (RunFolder run = RunFolder.open(stopped, CONFIG, Map.of(), true, List.of(stopper))) {
                self.add(run);
                RECIPE.run(run);
            }
        }
        // More checkpoints were written on the way than otherwise, so only the records are the same.
        assertEquals(
                Files.readString(undisturbed.resolve("metrics.jsonl")),
                Files.readString(stopped.resolve("metrics.jsonl")));
        assertEquals(Outcome.of(undisturbed).rollouts(), Outcome.of(stopped).rollouts());
        assertEquals(Outcome.of(undisturbed).tags(), Outcome.of(stopped).tags());
    }

    @Test
    void halfWrittenLinesAreDropped() throws IOException {
        Path folder = temporary.resolve("run");
        try (RunFolder run = open(folder)) {
            RECIPE.run(run);
        }
        Outcome expected = Outcome.of(folder);
        for (String name : List.of("metrics.jsonl", "timings.jsonl")) {
            Files.writeString(folder.resolve(name), "{\"event\":\"step\",\"st", StandardOpenOption.APPEND);
        }
        assertEquals(
                8,
                RunReader.of(folder).metrics().getOrDefault("reward", List.of()).size());
        try (RunFolder run = open(folder)) {
            RECIPE.run(run);
        }
        assertEquals(expected, Outcome.of(folder));
    }

    @Test
    void survivesKillsOfTheProcess() throws IOException, InterruptedException {
        StoryRecipe longer = new StoryRecipe(7, 60, 4, 4);
        Path undisturbed = temporary.resolve("undisturbed");
        try (RunFolder run = open(undisturbed)) {
            longer.run(run);
        }
        Path killed = temporary.resolve("killed");
        SplittableRandom random = new SplittableRandom(20261123);
        int kills = 0;
        boolean done = false;
        while (!done) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KilledRun.class.getName(),
                            killed.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(temporary.resolve("output").toFile())
                    .start();
            // After three kills it may come to its end, so that a slow machine does not wait for luck.
            long patience = kills < 3 ? waitForFirstStep(killed, process) + random.nextInt(400) : 60_000;
            done = process.waitFor(patience, TimeUnit.MILLISECONDS);
            if (!done) {
                process.destroyForcibly().waitFor();
                kills++;
            }
        }
        System.Logger log = System.getLogger(ResumeTest.class.getName());
        log.log(System.Logger.Level.INFO, "killed {0} times", kills);
        assertTrue(kills > 0, Files.readString(temporary.resolve("output")));
        assertEquals(Outcome.of(undisturbed), Outcome.of(killed), Files.readString(temporary.resolve("output")));
    }

    /** The program that is killed. */
    static final class KilledRun {
        private KilledRun() {}

        public static void main(String[] arguments) {
            try (RunFolder run = open(Path.of(arguments[0]))) {
                new StoryRecipe(7, 60, 4, 4).run(new SnapshotRun(run, () -> {
                    try {
                        Thread.sleep(3);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
            }
        }
    }

    private static long waitForFirstStep(Path folder, Process process) throws InterruptedException {
        Path metrics = folder.resolve("metrics.jsonl");
        for (int i = 0; i < 3000 && process.isAlive(); i++) {
            if (Files.exists(metrics)) {
                return 50;
            }
            Thread.sleep(10);
        }
        return 0;
    }

    @MustBeClosed
    private static RunFolder open(Path folder) {
        return RunFolder.open(folder, CONFIG, Map.of("java", "25"), true, List.of());
    }

    /** The folder that a process killed at this instant leaves: a copy of every file as it is. */
    private Path snapshot(Path folder, int number) {
        Path copy = temporary.resolve("killed-" + number);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(folder.relativize(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    /** Everything in a run's folder that repetitions have in common. */
    private record Outcome(
            String metrics,
            List<KeptRollout> rollouts,
            List<Object> answers,
            Map<String, List<Integer>> tags,
            Map<String, String> checkpoints,
            List<String> files) {

        static Outcome of(Path folder) throws IOException {
            RunReader reader = RunReader.of(folder);
            List<Object> answers = new ArrayList<>();
            reader.evaluations().forEach(m -> answers.addAll(reader.answers(m.step(), m.split())));
            Map<String, String> checkpoints = new TreeMap<>();
            for (Run.Checkpoint checkpoint : reader.checkpoints()) {
                checkpoints.put(
                        folder.relativize(checkpoint.folder()) + " " + checkpoint.score(),
                        Files.readString(checkpoint.folder().resolve("trainer/cursor")));
            }
            assertFalse(reader.timings().isEmpty());
            return new Outcome(
                    Files.readString(folder.resolve("metrics.jsonl")),
                    reader.rollouts(RolloutQuery.ALL),
                    answers,
                    EventFileReader.steps(folder.resolve("tensorboard")),
                    checkpoints,
                    files(folder));
        }

        private static List<String> files(Path folder) throws IOException {
            try (Stream<Path> walk = Files.walk(folder)) {
                return walk.map(file -> folder.relativize(file).toString().replaceAll("tfevents\\.\\d+", "tfevents"))
                        .sorted()
                        .toList();
            }
        }
    }

    /** Calls back after everything that happens, and in the middle of writing a checkpoint. */
    private record SnapshotRun(RunFolder run, Runnable after) implements Run {
        @Override
        public Optional<Checkpoint> latest() {
            return run.latest();
        }

        @Override
        public Optional<Checkpoint> best() {
            return run.best();
        }

        @Override
        public void emit(RunEvent event) {
            run.emit(event);
            after.run();
        }

        @Override
        public boolean stopRequested() {
            return run.stopRequested();
        }

        @Override
        public Checkpoint checkpoint(int step, double score, Contents contents) {
            Checkpoint written = run.checkpoint(step, score, folder -> {
                contents.write(folder);
                after.run();
            });
            after.run();
            return written;
        }

        @Override
        public Path folder() {
            return run.folder();
        }
    }
}
