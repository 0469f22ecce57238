package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.ground.files.DurableFiles;

/** A run is not gone on with when a file of it is not as the newest checkpoint was written with; the message names the file. */
class DamagedRunTest {
    private static final String CONFIG = "recipe: reft\nseed: 7\n";
    private static final String NEWEST = "checkpoints/step-000008";

    @TempDir
    private Path temporary;

    private Path run;

    @BeforeEach
    void train() {
        run = temporary.resolve("run");
        try (RunFolder folder = RunFolder.open(run, CONFIG, Map.of(), true, List.of())) {
            new StoryRecipe(7, 8, 3, 2).run(folder);
        }
    }

    @ParameterizedTest
    @CsvSource({
        NEWEST + "/model.safetensors,other contents",
        NEWEST + "/trainer/cursor,other contents",
        NEWEST + "/checkpoint.json,other contents",
        "metrics.jsonl,other contents"
    })
    void aChangedByteIsSeen(String name, String words) throws IOException {
        Path file = run.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        // A digit: JSON stays JSON, so that nothing else notices.
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).lastIndexOf("8");
        bytes[name.startsWith("metrics") ? 60 : at < 0 ? 0 : at] ^= 1;
        if (name.endsWith("checkpoint.json")) {
            bytes = Files.readString(file)
                    .replace("\"score\":0.", "\"score\":0.1")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        }
        Files.write(file, bytes);
        refused(file, words);
    }

    @ParameterizedTest
    @ValueSource(strings = {NEWEST + "/model.safetensors", NEWEST + "/trainer/cursor", "metrics.jsonl"})
    void whatIsCutShortIsSeen(String name) throws IOException {
        Path file = run.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        refused(file, "is cut short");
    }

    @Test
    void whatIsMissingIsSeen() throws IOException {
        Path file = run.resolve(NEWEST).resolve("trainer/cursor");
        Files.delete(file);
        refused(file, "is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE rollout SET reward = reward + 0.5 WHERE id = 3",
                "UPDATE rollout SET completion = 'x' || completion WHERE id = 5",
                "DELETE FROM rollout WHERE id = 4",
                "UPDATE evaluation SET correct = 1 - correct WHERE step = 3 AND position = 1"
            })
    void changedRolloutsAreSeen(String sql) throws SQLException {
        Path database = run.resolve("rollouts.sqlite");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            // Triggers count too.
            assertTrue(statement.executeUpdate(sql) >= 1);
        }
        refused(database, "has other rows than were written");
    }

    /** Records after the newest checkpoint are dropped, and files that only people read are not checked. */
    @Test
    void whatIsNotNeededMayChange() throws IOException {
        Files.writeString(run.resolve("timings.jsonl"), "");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"half", java.nio.file.StandardOpenOption.APPEND);
        Run.keep(run.resolve(NEWEST));
        Files.writeString(run.resolve(NEWEST).resolve("note.txt"), "mine");
        opens();
    }

    @Test
    void aDamagedCheckpointCanBeLeftOut() throws IOException {
        Files.writeString(run.resolve(NEWEST).resolve("model.safetensors"), "weights 9");
        refused(run.resolve(NEWEST).resolve("model.safetensors"), "delete " + run.resolve(NEWEST));
        DurableFiles.deleteTree(run.resolve(NEWEST));
        opens();
    }

    @Test
    void runsWithoutChecksumsAreGoneOnWith() throws IOException {
        for (Run.Checkpoint checkpoint : RunReader.of(run).checkpoints()) {
            Files.delete(checkpoint.folder().resolve("checksums.json"));
        }
        Files.writeString(run.resolve(NEWEST).resolve("model.safetensors"), "weights 9");
        opens();
    }

    private void opens() {
        assertEquals(
                0,
                RunFolder.find(run, CONFIG, true, ConfigChanges::none)
                        .warnings()
                        .size());
        goesOn();
    }

    private void goesOn() {
        try (RunFolder folder = RunFolder.open(run, CONFIG, Map.of(), true, List.of())) {
            new StoryRecipe(7, 8, 3, 2).run(folder);
        }
    }

    private void refused(Path file, String words) {
        RunException found =
                assertThrows(RunException.class, () -> RunFolder.find(run, CONFIG, true, ConfigChanges::none));
        RunException opened = assertThrows(RunException.class, this::goesOn);
        assertEquals(found.getMessage(), opened.getMessage());
        String message = String.valueOf(found.getMessage());
        assertTrue(message.startsWith(file.toString()), message);
        assertTrue(message.contains(words), message);
        assertFalse(message.lines().count() > 1, message);
    }
}
