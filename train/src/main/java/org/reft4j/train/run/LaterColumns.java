package org.reft4j.train.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Columns of {@code rollouts.sqlite} that files of earlier versions lack. */
final class LaterColumns {
    private LaterColumns() {}

    /** Adds what is missing; values of older rows stay empty. */
    static void add(Connection connection) throws SQLException {
        add(connection, "rollout", "token_ids", "TEXT");
        add(connection, "rollout", "correct", "INTEGER");
        add(connection, "rollout", "parts", "TEXT");
        add(connection, "evaluation", "parts", "TEXT");
    }

    private static void add(Connection connection, String table, String column, String type) throws SQLException {
        try (ResultSet columns = connection.getMetaData().getColumns(null, null, table, column)) {
            if (!columns.next()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("ALTER TABLE " + table + " ADD COLUMN " + column + " " + type);
                }
            }
        }
    }

    /** The value of a row; {@code null} where there is none, or no such column. */
    static @Nullable String text(ResultSet row, String column) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        for (int i = columns.getColumnCount(); i > 0; i--) {
            if (columns.getColumnName(i).equals(column)) {
                return row.getString(i);
            }
        }
        return null;
    }
}
