package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.ConfigException;

class RunFolderTest {
    private static final String CONFIG = "recipe: reft\nppo:\n  clip: 0.2\n  kl: 0.05\nsteps: 8\n";
    private static final Map<String, String> MACHINE = Map.of("java", "25");
    private static final StoryRecipe RECIPE = new StoryRecipe(7, 8, 3, 2);

    @TempDir
    private Path temporary;

    @Test
    void writesConfigurationAndEnvironmentFirst() throws IOException {
        Path folder = temporary.resolve("runs/a");
        try (RunFolder run = open(folder, CONFIG, false)) {
            assertEquals(CONFIG, Files.readString(folder.resolve("config.yaml")));
            assertEquals(MACHINE, RunReader.of(folder).environment());
            assertTrue(run.latest().isEmpty());
        }
    }

    @Test
    void otherConfigurationIsRefusedByItsKeys() {
        Path folder = temporary.resolve("a");
        touch(folder, CONFIG, false);
        for (boolean resume : List.of(true, false)) {
            String other = CONFIG.replace("0.2", "0.1").replace("0.05", "0.1");
            ConfigException refused = assertThrows(ConfigException.class, () -> open(folder, other, resume));
            assertEquals(
                    "ppo.clip is 0.1 and ppo.kl is 0.1, but the run in " + folder
                            + " was started with 0.2 and 0.05; resume it with the same configuration (ppo.clip=0.2"
                            + " ppo.kl=0.05), give this run another name, or delete " + folder,
                    refused.getMessage());
        }
        String less = CONFIG.replace("steps: 8\n", "");
        ConfigException missing = assertThrows(ConfigException.class, () -> open(folder, less, true));
        assertTrue(words(missing).startsWith("steps is nothing, but"), missing.getMessage());
    }

    /**
     * The folder of a run that was refused before it began is removed, so that a corrected one can start; a run that began, or files that
     * were there before, stay.
     */
    @Test
    void aFolderInWhichNothingBeganIsTakenAway() {
        Path folder = temporary.resolve("a");
        try (RunFolder run = open(folder, CONFIG, false)) {
            run.emit(new RunEvent.Started(0, 8, "reft"));
            run.emit(new RunEvent.Warned(0, "the data look odd"));
            run.failed();
        }
        assertFalse(Files.exists(folder));
        touch(folder, CONFIG, false);
        try (RunFolder run = open(folder, CONFIG, true)) {
            run.failed();
        }
        assertTrue(Files.exists(folder.resolve("config.yaml")), "it was there before");
        Path other = temporary.resolve("b");
        try (RunFolder run = open(other, CONFIG, false)) {
            run.emit(new RunEvent.Progress(1, "sampling", 1, 8, "samples"));
            run.failed();
        }
        assertTrue(Files.exists(other.resolve("config.yaml")), "it had begun");
    }

    @Test
    void aFolderWithoutItsEnvironmentIsIncomplete() throws IOException {
        Path folder = temporary.resolve("a");
        touch(folder, CONFIG, false);
        Files.delete(folder.resolve("environment.json"));
        ConfigException refused =
                assertThrows(ConfigException.class, () -> RunReader.of(folder).environment());
        assertTrue(words(refused).contains("environment.json is missing"), refused.getMessage());
        assertTrue(words(refused).endsWith("copy it again"), refused.getMessage());
    }

    @Test
    void sameConfigurationInOtherWordsIsTheSameRun() {
        Path folder = temporary.resolve("a");
        touch(folder, CONFIG, false);
        touch(folder, "# a comment\nppo: {kl: 0.05, clip: 0.2}\nsteps: 8\nrecipe: 'reft'\n", true);
    }

    @Test
    void existingRunNeedsResume() {
        Path folder = temporary.resolve("a");
        touch(folder, CONFIG, false);
        ConfigException refused = assertThrows(ConfigException.class, () -> open(folder, CONFIG, false));
        assertTrue(words(refused).contains("go on with it, give this run another name"), refused.getMessage());
    }

    @Test
    void folderOfOtherThingsIsLeftAlone() throws IOException {
        Path photos = Files.createDirectory(temporary.resolve("photos"));
        Files.writeString(photos.resolve("cat.jpg"), "meow");
        ConfigException refused = assertThrows(ConfigException.class, () -> open(photos, CONFIG, true));
        assertTrue(words(refused).contains("holds cat.jpg but no config.yaml"), refused.getMessage());
        assertFalse(Files.exists(photos.resolve(".lock")));
    }

    @Test
    void fileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(temporary.resolve("a"), "");
        RunException refused = assertThrows(RunException.class, () -> open(file, CONFIG, false));
        assertTrue(words(refused).contains("a file is in the way"), refused.getMessage());
    }

    @Test
    void startKilledBeforeTheConfigurationIsStartedAnew() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("a"));
        Files.writeString(folder.resolve(".lock"), "1");
        Files.writeString(folder.resolve("environment.json"), "{\"java\":\"24\"}");
        Files.writeString(folder.resolve(".config.yaml.tmp"), "reci");
        touch(folder, CONFIG, false);
        assertEquals(MACHINE, RunReader.of(folder).environment());
    }

    @Test
    void secondWriterInThisProcessIsRefusedAndTheFirstKeepsItsLock() throws IOException, InterruptedException {
        Path folder = temporary.resolve("a");
        try (RunFolder run = open(folder, CONFIG, false)) {
            assertTrue(run.latest().isEmpty());
            for (int i = 0; i < 2; i++) {
                RunException refused = assertThrows(RunException.class, () -> open(folder, CONFIG, true));
                assertTrue(
                        words(refused)
                                .contains("is in use by process "
                                        + ProcessHandle.current().pid()),
                        refused.getMessage());
            }
            String said = openElsewhere(folder);
            assertTrue(
                    said.contains(
                            "is in use by process " + ProcessHandle.current().pid()),
                    said);
        }
        assertEquals("opened", openElsewhere(folder).strip());
        touch(folder, CONFIG, true);
    }

    /** Opens the folder given as its argument and says what came of it. */
    static final class Elsewhere {
        private Elsewhere() {}

        public static void main(String[] arguments) throws IOException {
            String said;
            try (RunFolder run = open(Path.of(arguments[0]), CONFIG, true)) {
                said = run.stopRequested() ? "stopped" : "opened";
            } catch (RunException e) {
                said = String.valueOf(e.getMessage());
            }
            Files.writeString(Path.of(arguments[1]), said);
        }
    }

    @Test
    void watchersSeeEverythingAndBestIsMarked() {
        List<RunEvent> seen = new ArrayList<>();
        Path folder = temporary.resolve("a");
        try (RunFolder run = RunFolder.open(folder, CONFIG, MACHINE, false, List.of(seen::add))) {
            RECIPE.run(run);
        }
        assertEquals(
                8, seen.stream().filter(RunEvent.Progress.class::isInstance).count());
        List<RunEvent.Saved> saved = seen.stream()
                .filter(RunEvent.Saved.class::isInstance)
                .map(RunEvent.Saved.class::cast)
                .toList();
        assertEquals(List.of(3, 6, 8), saved.stream().map(RunEvent.Saved::step).toList());
        assertTrue(saved.getFirst().best());
        assertTrue(seen.getLast() instanceof RunEvent.Finished);
    }

    @Test
    void otherEnvironmentIsToldButNotRecorded() throws IOException {
        Path folder = temporary.resolve("a");
        touch(folder, CONFIG, false);
        List<RunEvent> seen = new ArrayList<>();
        try (RunFolder run = RunFolder.open(folder, CONFIG, Map.of("java", "26"), true, List.of(seen::add))) {
            assertTrue(run.latest().isEmpty());
        }
        assertTrue(
                seen.getFirst() instanceof RunEvent.Warned warned
                        && warned.message().contains("java was 25, is 26"),
                seen.toString());
        assertEquals("", Files.readString(folder.resolve("metrics.jsonl")));
    }

    @Test
    void stopIsAskedForOnce() {
        try (RunFolder run = open(temporary.resolve("a"), CONFIG, false)) {
            assertFalse(run.stopRequested());
            run.requestStop();
            assertTrue(run.stopRequested());
        }
    }

    @Test
    void damagedMetricsAreNamedByLine() throws IOException {
        Path folder = temporary.resolve("a");
        try (RunFolder run = open(folder, CONFIG, false)) {
            RECIPE.run(run);
        }
        Path metrics = folder.resolve("metrics.jsonl");
        List<String> lines = new ArrayList<>(Files.readAllLines(metrics));
        lines.set(2, "{\"event\":\"st");
        Files.write(metrics, lines);
        RunException damaged = assertThrows(RunException.class, () -> open(folder, CONFIG, true));
        assertTrue(words(damaged).contains("metrics.jsonl, line 3: not JSON"), damaged.getMessage());
    }

    @Test
    void whatIsNotANumberSurvives() throws IOException {
        Path folder = temporary.resolve("a");
        try (RunFolder run = open(folder, CONFIG, false)) {
            run.emit(new RunEvent.Stepped(
                    1, 8, Map.of("a", Double.NaN, "b", Double.POSITIVE_INFINITY, "c", -0.5), Map.of("seconds", 2.0)));
        }
        assertEquals(
                "{\"event\":\"step\",\"step\":1,\"a\":null,\"b\":\"Infinity\",\"c\":-0.5}\n",
                Files.readString(folder.resolve("metrics.jsonl")));
        Map<String, List<RunReader.Point>> metrics = RunReader.of(folder).metrics();
        assertEquals(
                Map.of(
                        "b",
                        List.of(new RunReader.Point(1, Double.POSITIVE_INFINITY)),
                        "c",
                        List.of(new RunReader.Point(1, -0.5))),
                metrics);
        assertEquals(
                List.of(new RunReader.Point(1, 2.0)),
                RunReader.of(folder).timings().get("seconds"));
    }

    private static void touch(Path folder, String config, boolean resume) {
        try (RunFolder run = open(folder, config, resume)) {
            assertEquals(folder, run.folder());
        }
    }

    private static String words(Exception refused) {
        return String.valueOf(refused.getMessage());
    }

    @MustBeClosed
    private static RunFolder open(Path folder, String config, boolean resume) {
        return RunFolder.open(folder, config, MACHINE, resume, List.of());
    }

    private String openElsewhere(Path folder) throws IOException, InterruptedException {
        Path said = temporary.resolve("said");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Elsewhere.class.getName(),
                        folder.toString(),
                        said.toString())
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("output").toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(temporary.resolve("output")));
        return Files.readString(said);
    }
}
