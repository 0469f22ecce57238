package org.reft4j.train.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Column {@code token_ids} of {@code rollouts.sqlite}: ids in decimal, a comma between two. Files of earlier versions lack it. */
final class TokenIds {
    private static final String COLUMN = "token_ids";

    private TokenIds() {}

    static @Nullable String encode(@Nullable List<Integer> ids) {
        return ids == null ? null : ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** Of a row of {@code rollout}, whose last column it is; {@code null} where they were not kept. */
    static @Nullable List<Integer> read(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        boolean kept = columns.getColumnName(columns.getColumnCount()).equals(COLUMN);
        @Nullable String text = kept ? row.getString(COLUMN) : null;
        return text == null
                ? null
                : Arrays.stream(text.split(",", -1))
                        .filter(id -> !id.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
    }

    /** Whether the file has the column. */
    static boolean column(Connection connection) throws SQLException {
        try (ResultSet columns = connection.getMetaData().getColumns(null, null, "rollout", COLUMN)) {
            return columns.next();
        }
    }
}
