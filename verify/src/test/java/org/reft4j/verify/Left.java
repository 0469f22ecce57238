package org.reft4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Files of a run that must not depend on interruptions.
 *
 * @param metrics the text of {@code metrics.jsonl}
 * @param checkpoints every file of every checkpoint, with its digest
 * @param rows rows of every table of {@code rollouts.sqlite}
 */
record Left(String metrics, SortedMap<String, String> checkpoints, List<String> rows) {

    static Left of(Path run) {
        try {
            return new Left(
                    Files.readString(run.resolve("metrics.jsonl")),
                    Folders.contents(run.resolve("checkpoints")),
                    rows(run.resolve("rollouts.sqlite")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + run, e);
        }
    }

    /** In the order of their steps. */
    static List<Path> checkpointFolders(Path run) {
        try (Stream<Path> folders = Files.list(run.resolve("checkpoints"))) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith("step-"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + run, e);
        }
    }

    private static List<String> rows(Path database) {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            for (String table : List.of("rollout", "evaluation")) {
                try (ResultSet found = statement.executeQuery("SELECT * FROM " + table)) {
                    int columns = found.getMetaData().getColumnCount();
                    while (found.next()) {
                        StringBuilder row = new StringBuilder(table);
                        for (int column = 1; column <= columns; column++) {
                            row.append('|').append(found.getString(column));
                        }
                        rows.add(row.toString());
                    }
                }
            }
            // The index over the texts is part of what was recorded.
            statement.execute("INSERT INTO rollout_text (rollout_text) VALUES ('integrity-check')");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read " + database, e);
        }
        return rows;
    }
}
