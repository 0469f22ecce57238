package org.reft4j.train.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
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
    /** Each rollout with the variance of the rewards in its group. */
    private static final String MIXED =
            "rollout JOIN (SELECT question_id AS of, step AS at, avg(reward * reward) - avg(reward) * avg(reward) AS spread"
                    + " FROM rollout GROUP BY question_id, step) ON of = question_id AND at = step";

    List<KeptRollout> find(RolloutQuery query) {
        RolloutCondition where = RolloutCondition.of(query);
        List<Object> values = new ArrayList<>(where.values());
        values.addAll(List.of(query.limit(), query.offset()));
        boolean mixed = query.order() == RolloutQuery.Order.MOST_MIXED;
        String order = " ORDER BY " + order(query.order());
        String found = " FROM " + (mixed ? MIXED : "rollout") + " WHERE " + where.sql() + order + " LIMIT ? OFFSET ?";
        // A few rows are read once it is known which: to sort whole completions, or to skip thousands of them, takes
        // long.
        return select(
                query.limit() == Integer.MAX_VALUE
                        ? "SELECT rollout.*" + found
                        : "SELECT rollout.* FROM (SELECT id AS chosen" + (mixed ? ", spread" : "") + found
                                + ") JOIN rollout ON id = chosen" + order,
                values,
                this::rollout);
    }

    /** The number of rollouts that a query finds without its limit. */
    int count(RolloutQuery query) {
        RolloutCondition where = RolloutCondition.of(query);
        return select("SELECT count(*) FROM rollout WHERE " + where.sql(), where.values(), row -> row.getInt(1))
                .stream()
                .findFirst()
                .orElse(0);
    }

    /** The rewards of the rollouts that a query finds without its limit, in bars of equal width; empty where there are none. */
    List<RolloutBin> histogram(RolloutQuery query, int bars) {
        RolloutCondition where = RolloutCondition.of(query);
        String found = " FROM rollout WHERE reward IS NOT NULL AND " + where.sql();
        List<double[]> ends =
                select("SELECT min(reward), max(reward)" + found + " HAVING count(*) > 0", where.values(), row ->
                        new double[] {row.getDouble(1), row.getDouble(2)});
        if (ends.isEmpty()) {
            return List.of();
        }
        double low = ends.getFirst()[0];
        double width = (ends.getFirst()[1] - low) / bars;
        if (width == 0) {
            return List.of(new RolloutBin(low, low, count(query.rewards(low, low))));
        }
        List<Object> values = new ArrayList<>(List.of(bars - 1, low, width));
        values.addAll(where.values());
        Map<Integer, Integer> counts = new HashMap<>();
        select(
                        "SELECT min(?, CAST((reward - ?) / ? AS INTEGER)) AS bar, count(*)" + found + " GROUP BY bar",
                        values,
                        row -> Map.entry(row.getInt(1), row.getInt(2)))
                .forEach(bar -> counts.put(bar.getKey(), bar.getValue()));
        return IntStream.range(0, bars)
                .mapToObj(bar -> new RolloutBin(
                        low + bar * width,
                        bar == bars - 1 ? ends.getFirst()[1] : low + (bar + 1) * width,
                        counts.getOrDefault(bar, 0)))
                .toList();
    }

    /** By step, the share of questions whose completions were all paid the same; steps without groups are left out. */
    Map<Integer, Double> sameRewards() {
        Map<Integer, Double> shares = new LinkedHashMap<>();
        select("""
                        SELECT step, avg(same) FROM (
                            SELECT step, max(reward) = min(reward) AS same FROM rollout
                            GROUP BY step, question_id HAVING count(reward) > 1)
                        GROUP BY step ORDER BY step""", List.of(), row -> Map.entry(row.getInt(1), row.getDouble(2)))
                .forEach(entry -> shares.put(entry.getKey(), entry.getValue()));
        return shares;
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
            case MOST_MIXED -> "spread DESC, step, question_id, id";
        };
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
