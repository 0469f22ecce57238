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
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.rollout.Kept;
import org.reft4j.train.rollout.KeptRollout;

/** Token ids are stored with rollouts, and files of versions without them can be read and resumed. */
final class TokenIdsTest {
    private static final String CONFIG = "recipe: reft\nseed: 7\n";

    @TempDir
    private Path folder;

    private static KeptRollout rollout(int step, @Nullable Tokens ids) {
        return Kept.row(step, "apples", 0, "12 - 5?", "7", "7", 2, "correct", "7", 1, "end-of-text", ids, null);
    }

    private void write(KeptRollout... rollouts) {
        try (RunFolder run = RunFolder.open(folder, CONFIG, Map.of(), true, List.of())) {
            for (KeptRollout rollout : rollouts) {
                run.emit(new RunEvent.RolledOut(rollout.step(), List.of(rollout)));
                run.checkpoint(rollout.step(), Double.NaN, _ -> {});
            }
        }
    }

    private List<KeptRollout> read() {
        return RunReader.of(folder).rollouts(RolloutQuery.ALL);
    }

    @Test
    void whatIsWrittenIsRead() {
        List<KeptRollout> rollouts =
                List.of(rollout(1, Tokens.of(17, 0, 50256)), rollout(2, Tokens.of()), rollout(3, null));
        write(rollouts.toArray(KeptRollout[]::new));
        assertEquals(rollouts, read());
    }

    @Test
    void filesWithoutThemAreGoneOnWith() throws SQLException, IOException {
        write(rollout(1, Tokens.of(17)));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rollouts.sqlite"));
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE rollout DROP COLUMN token_ids");
            statement.execute("ALTER TABLE rollout DROP COLUMN correct");
            statement.execute("ALTER TABLE rollout DROP COLUMN parts");
            statement.execute("ALTER TABLE evaluation DROP COLUMN parts");
        }
        Files.delete(folder.resolve("checkpoints/step-000001/checksums.json")); // which came later than the ids
        assertNull(read().getFirst().ids(), "an old file");
        write(rollout(2, Tokens.of(18)));
        assertNull(read().getFirst().ids());
        assertEquals(Tokens.of(18), read().getLast().ids());
    }
}
