package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.DurableFiles;

class CheckpointsTest {
    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();

    @TempDir
    private Path temporary;

    private Path folder;

    @BeforeEach
    void nameFolder() {
        folder = temporary.resolve("checkpoints");
    }

    @Test
    void keepsNewestTwoAndBest() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        double[] scores = {0.3, 0.6, 0.5, 0.6, Double.NaN, 0.1};
        for (int i = 0; i < scores.length; i++) {
            save(checkpoints, 10 * (i + 1), scores[i]);
        }
        // Step 20 and step 40 are equally good: the earlier one is the best.
        assertEquals(List.of("step-000020", "step-000050", "step-000060"), names());
        assertEquals(20, checkpoints.best().orElseThrow().step());
        assertEquals(60, checkpoints.latest().orElseThrow().step());
        assertEquals(20, Checkpoints.open(folder).best().orElseThrow().step());
        assertEquals(
                "{\"step\":20,\"score\":0.6,\"best\":20}\n",
                Files.readString(folder.resolve("step-000020").resolve("checkpoint.json")));
        assertEquals(OptionalInt.empty(), Checkpoints.lostBest(Checkpoints.list(folder)));
        DurableFiles.deleteTree(folder.resolve("step-000020"));
        assertEquals(OptionalInt.of(20), Checkpoints.lostBest(Checkpoints.list(folder)), "the newest names the best");
    }

    @Test
    void whatIsMarkedStays() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        for (int i = 1; i <= 5; i++) {
            boolean marked = i == 2;
            checkpoints.write(i, i == 1 ? 0.5 : 0.1, NOTHING, into -> {
                if (marked) {
                    Run.keep(into);
                }
            });
        }
        assertEquals(List.of("step-000001", "step-000002", "step-000004", "step-000005"), names());
        Checkpoints.open(folder);
        assertEquals(List.of("step-000001", "step-000002", "step-000004", "step-000005"), names());
    }

    @Test
    void unmeasuredIsNeverBest() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 1, Double.NaN);
        assertTrue(checkpoints.best().isEmpty());
        save(checkpoints, 2, -1);
        assertEquals(2, checkpoints.best().orElseThrow().step());
    }

    @Test
    void manyStepsAreInOrderOfNumbers() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 999_999, 0.1);
        save(checkpoints, 1_000_000, 0.2);
        assertEquals(1_000_000, Checkpoints.open(folder).latest().orElseThrow().step());
    }

    @Test
    void sameStepIsWrittenOnceUnlessItsScoreIsNews() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 5, 0.4);
        Run.Checkpoint again = checkpoints.write(5, Double.NaN, NOTHING, _ -> {
            throw new IllegalStateException("written again");
        });
        assertEquals(0.4, again.score());
        save(checkpoints, 5, 0.5);
        assertEquals(0.5, checkpoints.best().orElseThrow().score());
        assertEquals(List.of("step-000005"), names());
        assertThrows(IllegalArgumentException.class, () -> save(checkpoints, 4, 0.5));
    }

    @Test
    void fullDiskLeavesTheOldOnes() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 10, 0.5);
        RunException full = assertThrows(
                RunException.class,
                () -> checkpoints.write(20, 0.9, NOTHING, aside -> {
                    try {
                        Files.writeString(aside.resolve("model.safetensors"), "half");
                        throw new IOException("No space left on device");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
        assertEquals(
                "cannot write the checkpoint of step 20 to " + folder
                        + ": No space left on device; the one of step 10 is untouched: make room or mend the folder,"
                        + " then resume the run",
                full.getMessage());
        assertEquals(List.of("step-000010"), names());
        assertEquals(10, checkpoints.latest().orElseThrow().step());
        save(checkpoints, 20, 0.9);
        assertEquals(20, checkpoints.best().orElseThrow().step());
    }

    @Test
    void otherFailuresOfTheWriterPassThroughAndLeaveNothing() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        IllegalStateException cause = new IllegalStateException("a tensor is gone");
        assertEquals(
                cause,
                assertThrows(
                        IllegalStateException.class,
                        () -> checkpoints.write(1, 0, NOTHING, _ -> {
                            throw cause;
                        })));
        assertEquals(List.of(), names());
    }

    @Test
    void folderThatCannotBeWrittenIsNamed() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        Files.delete(folder);
        Files.writeString(folder, "in the way");
        RunException refused = assertThrows(RunException.class, () -> save(checkpoints, 1, 0));
        assertTrue(String.valueOf(refused.getMessage()).contains("there is none before it"), refused.getMessage());
        assertThrows(RunException.class, () -> Checkpoints.open(folder));
    }

    @Test
    void leftoversOfCrashesAreCleared() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 1, 0.5);
        save(checkpoints, 2, 0.5);
        Files.createDirectories(folder.resolve(".step-000003.tmp").resolve("trainer"));
        Files.move(folder.resolve("step-000001"), folder.resolve(".step-000001.deleted"));
        // Between the two renames of a replacement.
        Files.move(folder.resolve("step-000002"), folder.resolve(".step-000002.replaced"));
        assertEquals(2, Checkpoints.open(folder).latest().orElseThrow().step());
        assertEquals(List.of("step-000002"), names());
        // After both.
        Files.createDirectories(folder.resolve(".step-000002.replaced"));
        assertEquals(2, Checkpoints.open(folder).latest().orElseThrow().step());
        assertEquals(List.of("step-000002"), names());
    }

    @Test
    void oldOnesThatACrashSparedAreClearedToo() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(folder);
        save(checkpoints, 1, 0.1);
        save(checkpoints, 2, 0.5);
        save(checkpoints, 3, 0.2);
        // As if the power had gone between the renaming of the fourth and the deletion of what it replaces.
        Path fourth = Files.createDirectory(folder.resolve("step-000004"));
        Files.writeString(fourth.resolve("checkpoint.json"), "{\"step\":4,\"score\":0.6}\n");
        assertEquals(4, Checkpoints.open(folder).best().orElseThrow().step());
        assertEquals(List.of("step-000003", "step-000004"), names());
    }

    @Test
    void damagedCheckpointIsNamed() throws IOException {
        save(Checkpoints.open(folder), 7, 0.5);
        Path about = folder.resolve("step-000007").resolve("checkpoint.json");
        Files.writeString(about, "{}");
        RunException damaged = assertThrows(RunException.class, () -> Checkpoints.open(folder));
        assertTrue(
                String.valueOf(damaged.getMessage()).startsWith(about + " is missing or damaged"),
                damaged.getMessage());
        Files.delete(about);
        assertThrows(RunException.class, () -> Checkpoints.open(folder));
    }

    @Test
    void checkpointIsCompleteBeforeItHasItsName() {
        Checkpoints checkpoints = Checkpoints.open(folder);
        checkpoints.write(1, 0, NOTHING, aside -> {
            assertEquals(folder.resolve(".step-000001.part"), aside);
            assertFalse(Files.exists(folder.resolve("step-000001")));
        });
        assertTrue(Files.exists(folder.resolve("step-000001")));
    }

    private static void save(Checkpoints checkpoints, int step, double score) throws IOException {
        try {
            Run.Checkpoint saved = checkpoints.write(step, score, NOTHING, aside -> {
                try {
                    Files.writeString(aside.resolve("weights"), "w" + step);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals(step, saved.step());
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
