package org.reft4j.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;
import org.sqlite.SQLiteConfig;

/**
 * The store of a run's rollouts. Writes {@code rollouts.sqlite}: table {@code rollout} with what was sampled, {@code evaluation} with what was answered when the model
 * was measured, and {@code rollout_text}, a full-text index of trigrams over question and completion.
 */
final class RolloutDatabase implements AutoCloseable {
    static final String FILE = "rollouts.sqlite";

    private static final List<String> SCHEMA = List.of("""
            CREATE TABLE IF NOT EXISTS rollout (
                id INTEGER PRIMARY KEY,
                step INTEGER NOT NULL,
                question_id TEXT NOT NULL,
                sample INTEGER NOT NULL,
                question TEXT NOT NULL,
                target TEXT NOT NULL,
                completion TEXT NOT NULL,
                tokens INTEGER NOT NULL,
                grade TEXT NOT NULL,
                extracted TEXT NOT NULL,
                reward REAL,
                stop TEXT NOT NULL,
                trace TEXT,
                token_ids TEXT,
                correct INTEGER,
                parts TEXT)""", """
            CREATE INDEX IF NOT EXISTS rollout_step ON rollout (step)""", """
            CREATE INDEX IF NOT EXISTS rollout_question ON rollout (question_id, step)""", """
            CREATE TABLE IF NOT EXISTS evaluation (
                step INTEGER NOT NULL,
                split TEXT NOT NULL,
                position INTEGER NOT NULL,
                question_id TEXT NOT NULL,
                question TEXT NOT NULL,
                target TEXT NOT NULL,
                completion TEXT NOT NULL,
                grade TEXT NOT NULL,
                extracted TEXT NOT NULL,
                correct INTEGER NOT NULL,
                stop TEXT NOT NULL,
                reward REAL,
                parts TEXT,
                PRIMARY KEY (step, split, position)) WITHOUT ROWID""", """
            CREATE VIRTUAL TABLE IF NOT EXISTS rollout_text USING fts5 (
                question, completion, content='rollout', content_rowid='id', tokenize='trigram', detail=none)""", """
            CREATE TRIGGER IF NOT EXISTS rollout_added AFTER INSERT ON rollout BEGIN
                INSERT INTO rollout_text (rowid, question, completion) VALUES (new.id, new.question, new.completion);
            END""", """
            CREATE TRIGGER IF NOT EXISTS rollout_removed AFTER DELETE ON rollout BEGIN
                INSERT INTO rollout_text (rollout_text, rowid, question, completion)
                    VALUES ('delete', old.id, old.question, old.completion);
            END""");

    private static final String INSERT_ROLLOUT = """
            INSERT INTO rollout (step, question_id, sample, question, target, completion, tokens, grade, extracted,
                                 reward, stop, trace, token_ids, correct, parts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private static final String INSERT_ANSWER = """
            INSERT OR REPLACE INTO evaluation (step, split, position, question_id, question, target, completion,
                                               grade, extracted, correct, stop, reward, parts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Path file;
    private final Connection connection;
    private final RolloutSum sum;
    private long lastId;

    private RolloutDatabase(Path file, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        this.sum = sum(connection, Integer.MAX_VALUE);
        this.lastId = lastId();
        // Reading has begun a transaction too.
        connection.commit();
    }

    private long lastId() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet last = statement.executeQuery("SELECT coalesce(max(id), 0) FROM rollout")) {
            return last.getLong(1);
        }
    }

    /** The checksum of all rows of both tables up to a step. */
    static RolloutSum sum(Connection connection, int lastStep) throws SQLException {
        RolloutSum sum = new RolloutSum();
        for (String table : List.of("rollout", "evaluation")) {
            add(connection, "SELECT * FROM " + table + " WHERE step <= " + lastStep, sum);
        }
        return sum;
    }

    private static void add(Connection connection, String sql, RolloutSum sum) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                sum.add(rows);
            }
        }
    }

    /** The checksum of all rows, as they were read back. */
    RolloutSum sum() {
        return sum;
    }

    /** Opens or creates {@code file} and forgets everything of steps after {@code lastStep}. */
    static RolloutDatabase open(Path file, int lastStep) {
        try {
            SQLiteConfig config = new SQLiteConfig();
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            // No flush for every step: only what a checkpoint presupposes must survive a power failure, see flush().
            config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
            config.setBusyTimeout(60_000);
            Connection connection = config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
            try {
                prepare(connection, lastStep);
                return new RolloutDatabase(file, connection);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw failure("cannot open", file, e);
        }
    }

    /** One transaction. */
    void add(RunEvent.RolledOut event) {
        inTransaction(INSERT_ROLLOUT, insert -> {
            for (KeptRollout rollout : event.rollouts()) {
                List<KeptRollout.TokenTrace> trace = rollout.trace();
                insert.setInt(1, event.step());
                insert.setString(2, rollout.questionId());
                insert.setInt(3, rollout.sample());
                insert.setString(4, rollout.question());
                insert.setString(5, rollout.target());
                insert.setString(6, rollout.completion());
                insert.setInt(7, rollout.tokens());
                insert.setString(8, rollout.grade());
                insert.setString(9, rollout.extracted().orElse(""));
                insert.setDouble(10, rollout.reward());
                insert.setString(11, rollout.stop());
                insert.setString(12, trace == null ? null : TraceColumns.encode(trace));
                insert.setString(13, TokenIds.encode(rollout.ids()));
                insert.setBoolean(14, rollout.right());
                insert.setString(15, PartScores.encode(rollout.parts()));
                insert.addBatch();
            }
            insert.executeBatch();
            add(connection, "SELECT * FROM rollout WHERE id > " + lastId, sum);
            lastId = lastId();
        });
    }

    /** One transaction. */
    void add(RunEvent.Evaluated event) {
        inTransaction(INSERT_ANSWER, insert -> {
            int position = 0;
            for (Evaluation.Answered answered : event.evaluation().answers()) {
                insert.setInt(1, event.step());
                insert.setString(2, event.split());
                insert.setInt(3, position++);
                insert.setString(4, answered.questionId());
                insert.setString(5, answered.question());
                insert.setString(6, answered.target());
                insert.setString(7, answered.completion());
                insert.setString(8, answered.grade());
                insert.setString(9, answered.extracted());
                insert.setBoolean(10, answered.correct());
                insert.setString(11, answered.stop());
                insert.setDouble(12, answered.reward());
                insert.setString(13, PartScores.encode(answered.parts()));
                insert.addBatch();
            }
            insert.executeBatch();
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT * FROM evaluation WHERE step = ? AND split = ?")) {
                select.setInt(1, event.step());
                select.setString(2, event.split());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        sum.add(rows);
                    }
                }
            }
        });
    }

    /** Brings all transactions to the disk. The log is flushed as a file: to lock it is no part of SQLite's protocol, so this is safe. */
    void flush() {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        try {
            if (Files.exists(log)) {
                DurableFiles.flush(log);
            }
        } catch (IOException e) {
            throw RunException.of("cannot flush", log, e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure("cannot close", file, e);
        }
    }

    static RunException failure(String what, Path file, SQLException cause) {
        return new RunException(
                what + " " + file + ": " + cause.getMessage()
                        + "; make room if the disk is full, or move the file away if it is damaged",
                cause);
    }

    private static void prepare(Connection connection, int lastStep) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String sql : SCHEMA) {
                statement.execute(sql);
            }
            LaterColumns.add(connection);
            statement.executeUpdate("DELETE FROM rollout WHERE step > " + lastStep);
            statement.executeUpdate("DELETE FROM evaluation WHERE step > " + lastStep);
        }
        connection.commit();
    }

    private void inTransaction(String sql, Inserts inserts) {
        try {
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                inserts.into(insert);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw failure("cannot write", file, e);
        }
    }

    /** Fills and runs a statement. */
    @FunctionalInterface
    private interface Inserts {
        void into(PreparedStatement insert) throws SQLException;
    }
}
