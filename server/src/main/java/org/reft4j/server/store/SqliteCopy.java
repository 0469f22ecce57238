package org.reft4j.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Optional;

/** Copies of SQLite databases while others write to them: each is what one moment's reader would have seen. */
public final class SqliteCopy {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int WAIT_MS = 30_000;

    private SqliteCopy() {}

    /** True if a file is such a database. */
    public static boolean isDatabase(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    /**
     * Copies a database. Writers are not held up; one whose file a writer is replacing just now is waited for.
     *
     * @param to replaced if it is there
     */
    public static void copy(Path from, Path to) throws IOException {
        Files.deleteIfExists(to);
        try (Connection connection = open(from);
                PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
            copy.setString(1, to.toString());
            copy.execute();
        } catch (SQLException e) {
            Files.deleteIfExists(to);
            throw new IOException("the database " + from + " cannot be copied: " + e.getMessage(), e);
        }
    }

    /** The first fault that SQLite finds in a database; empty if it is whole. */
    public static Optional<String> fault(Path file) {
        try (Connection connection = open(file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
            String found = rows.next() ? rows.getString(1) : "nothing";
            return found.equals("ok") ? Optional.empty() : Optional.of(found);
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Connection open(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + WAIT_MS);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
