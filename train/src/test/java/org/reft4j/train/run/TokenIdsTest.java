package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Token ids are kept beside rollouts, and files of versions that did not keep them are read and gone on with. */
final class TokenIdsTest {
    private static final String CONFIG = "recipe: reft\nseed: 7\n";

    @TempDir
    private Path folder;

    private static RolloutRecord rollout(int step, @Nullable List<Integer> ids) {
        return new RolloutRecord(
                step, "apples", 0, "12 - 5?", "7", "7", 2, "correct", "7", 1, "end-of-text", ids, null);
    }

    private void write(RolloutRecord... rollouts) {
        try (RunFolder run = RunFolder.open(folder, CONFIG, Map.of(), true, List.of())) {
            for (RolloutRecord rollout : rollouts) {
                run.emit(new RunEvent.RolledOut(rollout.step(), List.of(rollout)));
                run.checkpoint(rollout.step(), Double.NaN, _ -> {});
            }
        }
    }

    private List<RolloutRecord> read() {
        return RunReader.of(folder).rollouts(RolloutQuery.ALL);
    }

    @Test
    void whatIsWrittenIsRead() {
        List<RolloutRecord> rollouts =
                List.of(rollout(1, List.of(17, 0, 50256)), rollout(2, List.of()), rollout(3, null));
        write(rollouts.toArray(RolloutRecord[]::new));
        assertEquals(rollouts, read());
    }

    @Test
    void filesWithoutThemAreGoneOnWith() throws SQLException, IOException {
        write(rollout(1, List.of(17)));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rollouts.sqlite"));
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE rollout DROP COLUMN token_ids");
            statement.execute("ALTER TABLE rollout DROP COLUMN correct");
            statement.execute("ALTER TABLE rollout DROP COLUMN parts");
            statement.execute("ALTER TABLE evaluation DROP COLUMN parts");
        }
        Files.delete(folder.resolve("checkpoints/step-000001/checksums.json")); // which came later than the ids
        assertNull(read().getFirst().tokenIds(), "an old file");
        write(rollout(2, List.of(18)));
        assertNull(read().getFirst().tokenIds());
        assertEquals(List.of(18), read().getLast().tokenIds());
    }
}
