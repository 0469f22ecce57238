package org.reft4j.train.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;
import org.sqlite.SQLiteConfig;

/**
 * Reads {@code rollouts.sqlite}, also while it is written.
 *
 * @param file need not exist yet: then there is nothing in it
 * @param passThreshold the score from which a rollout that was judged by degree is right, for files of versions that did not keep it
 */
record RolloutReader(Path file, DoubleSupplier passThreshold) {
    /** Characters of one entry of the full-text index. */
    private static final int TRIGRAM = 3;

    List<KeptRollout> find(RolloutQuery query) {
        StringBuilder sql = new StringBuilder("SELECT * FROM rollout WHERE step BETWEEN ? AND ?");
        List<Object> values = new ArrayList<>(List.of(query.fromStep(), query.toStep()));
        // Without a bound, a reward that is NaN (stored as NULL) is wanted too.
        if (query.minReward() > Double.NEGATIVE_INFINITY || query.maxReward() < Double.POSITIVE_INFINITY) {
            sql.append(" AND reward BETWEEN ? AND ?");
            values.addAll(List.of(query.minReward(), query.maxReward()));
        }
        query.questionId().ifPresent(id -> {
            sql.append(" AND question_id = ?");
            values.add(id);
        });
        query.grep().filter(text -> !text.isEmpty()).ifPresent(text -> {
            String trigrams = trigrams(text);
            if (!trigrams.isEmpty()) {
                sql.append(" AND id IN (SELECT rowid FROM rollout_text WHERE rollout_text MATCH ?)");
                values.add(trigrams);
            }
            // The index only tells that all the pieces occur, not that they are adjacent.
            sql.append(" AND (question LIKE ? ESCAPE '\\' OR completion LIKE ? ESCAPE '\\')");
            String pattern = "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
            values.addAll(List.of(pattern, pattern));
        });
        sql.append(" ORDER BY ").append(order(query.order())).append(" LIMIT ?");
        values.add(query.limit());
        return select(sql.toString(), values, this::rollout);
    }

    Map<Integer, Integer> counts() {
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        select(
                        "SELECT step, count(*) FROM rollout GROUP BY step ORDER BY step",
                        List.of(),
                        row -> Map.entry(row.getInt(1), row.getInt(2)))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    List<String> recurringQuestions(int limit) {
        return select(
                "SELECT question_id FROM rollout GROUP BY question_id ORDER BY count(DISTINCT step) DESC, question_id"
                        + " LIMIT ?",
                List.of(limit),
                row -> row.getString(1));
    }

    List<Evaluation.Answered> answers(int step, String split) {
        return select(
                "SELECT * FROM evaluation WHERE step = ? AND split = ? ORDER BY position",
                List.of(step, split),
                row -> new Evaluation.Answered(
                        row.getString("question_id"),
                        row.getString("question"),
                        row.getString("target"),
                        row.getString("completion"),
                        row.getString("grade"),
                        row.getString("extracted"),
                        row.getBoolean("correct"),
                        row.getString("stop"),
                        row.getObject("reward") == null ? Double.NaN : row.getDouble("reward"),
                        PartScores.decode(LaterColumns.text(row, "parts"))));
    }

    /** The checksum of all rows up to a step. */
    RolloutSum sum(int lastStep) {
        if (!Files.exists(file)) {
            return new RolloutSum();
        }
        try (Connection connection = connect()) {
            return RolloutDatabase.sum(connection, lastStep);
        } catch (SQLException e) {
            throw RolloutDatabase.failure("cannot read", file, e);
        }
    }

    private static String order(RolloutQuery.Order order) {
        return switch (order) {
            case OLDEST -> "step, id";
            case NEWEST -> "step DESC, id";
            case LOWEST_REWARD -> "reward, step, id";
            case HIGHEST_REWARD -> "reward DESC, step, id";
            case SHORTEST -> "tokens, step, id";
            case LONGEST -> "tokens DESC, step, id";
        };
    }

    /** A full-text query for entries that hold every trigram of {@code text}; empty for a text too short to have one. */
    private static String trigrams(String text) {
        int[] characters = text.codePoints().toArray();
        Set<String> pieces = new LinkedHashSet<>();
        for (int i = 0; i + TRIGRAM <= characters.length; i++) {
            pieces.add(new String(characters, i, TRIGRAM));
        }
        // The index folds the case of all letters and LIKE only of ASCII ones, and a zero byte ends a query: both are
        // left to LIKE.
        return pieces.stream()
                .filter(piece -> piece.indexOf('\0') < 0)
                .map(piece -> '"' + piece.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(" AND "));
    }

    private KeptRollout rollout(ResultSet row) throws SQLException {
        double reward = row.getDouble("reward");
        if (row.wasNull()) {
            reward = Double.NaN;
        }
        @Nullable String trace = row.getString("trace");
        String grade = row.getString("grade");
        @Nullable String right = LaterColumns.text(row, "correct");
        return new KeptRollout(
                row.getInt("step"),
                row.getString("question_id"),
                row.getInt("sample"),
                row.getString("question"),
                row.getString("target"),
                null,
                row.getString("completion"),
                row.getInt("tokens"),
                grade,
                right == null ? right(grade, reward) : right.equals("1"),
                Optional.of(row.getString("extracted")),
                reward,
                PartScores.decode(LaterColumns.text(row, "parts")),
                row.getString("stop"),
                Double.NaN,
                TokenIds.decode(LaterColumns.text(row, "token_ids")),
                trace == null ? null : TraceColumns.decode(trace));
    }

    private boolean right(String grade, double reward) {
        return grade.equals("correct") || (grade.equals("scored") && reward >= passThreshold.getAsDouble());
    }

    private <T> List<T> select(String sql, List<Object> values, Row<T> mapping) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Connection connection = connect();
                PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            List<T> found = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(mapping.of(rows));
                }
            }
            return found;
        } catch (SQLException e) {
            throw RolloutDatabase.failure("cannot read", file, e);
        }
    }

    private Connection connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(10_000);
        // Reading while another process writes needs a shared-memory file; if that cannot be made, there is no writer
        // either.
        Path parent = file.toAbsolutePath().getParent();
        String suffix = parent != null && Files.isWritable(parent) ? "?mode=ro" : "?immutable=1";
        return config.createConnection("jdbc:sqlite:" + file.toUri() + suffix);
    }

    /** Converts the current row of a result to a value. */
    @FunctionalInterface
    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }
}
