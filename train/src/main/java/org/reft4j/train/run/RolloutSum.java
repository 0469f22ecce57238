package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The checksum of rows of {@code rollouts.sqlite}, whatever their order: the sum of each row's CRC-32C. A database is not the same byte for
 * byte when it holds the same.
 */
final class RolloutSum {
    private long rows;
    private long sum;

    /** Adds a row as it was read, all of its columns. */
    void add(ResultSet row) throws SQLException {
        CRC32C crc = new CRC32C();
        int columns = row.getMetaData().getColumnCount();
        for (int column = 1; column <= columns; column++) {
            String value = row.getString(column);
            if (value != null) {
                crc.update(value.getBytes(StandardCharsets.UTF_8));
            }
            crc.update(value == null ? 0 : 1);
        }
        rows++;
        sum += crc.getValue();
    }

    ObjectNode json() {
        // Through text, as a file is read: numbers keep one Java type.
        return JsonNodeFactory.instance
                .objectNode()
                .put("rows", Long.toString(rows))
                .put("sum", String.format(Locale.ROOT, "%016x", sum));
    }
}
