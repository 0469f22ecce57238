package org.reft4j.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;

/**
 * The database of the service: SQLite in a file, or PostgreSQL, which several servers and workers on several machines may share. Several
 * processes may open either. The tables are brought up to date when it is opened.
 */
public final class Database implements AutoCloseable {
    private static final int WAIT_FOR_WRITER_MS = 30_000;
    private static final long WAIT_FOR_CONNECTION_MS = 5_000;
    private static final int CONNECTIONS = 8;

    private final HikariDataSource source;
    private final Jdbi jdbi;

    private Database(HikariDataSource source) {
        this.source = source;
        this.jdbi = Jdbi.create(source);
    }

    /** The file of a data folder. */
    public static Database sqlite(Path file) {
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setBusyTimeout(WAIT_FOR_WRITER_MS);
        sqlite.enforceForeignKeys(true);
        // A transaction that reads before it writes would otherwise fail instead of waiting for another writer.
        sqlite.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:sqlite:" + file);
        sqlite.toProperties().forEach((key, value) -> config.addDataSourceProperty((String) key, value));
        return open(config);
    }

    /** @param url such as {@code jdbc:postgresql://host/name?user=…} */
    public static Database postgres(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        // Whoever asks is told soon, and asks again.
        config.setConnectionTimeout(WAIT_FOR_CONNECTION_MS);
        return open(config);
    }

    private static Database open(HikariConfig config) {
        config.setMaximumPoolSize(CONNECTIONS);
        HikariDataSource source = new HikariDataSource(config);
        try {
            Flyway.configure()
                    .dataSource(source)
                    .locations("classpath:org/reft4j/server/store")
                    // Without them it would serve without tables.
                    .failOnMissingLocations(true)
                    // A table of a newer version must not be taken for one that this version knows.
                    .ignoreMigrationPatterns(new String[0])
                    .load()
                    .migrate();
            return new Database(source);
        } catch (FlywayValidateException e) {
            source.close();
            throw new StoreException(
                    config.getJdbcUrl()
                            + " was made or changed by another version of reft; run that version, or take another data folder",
                    e);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Queries; a change of state and its event are one transaction. */
    public Jdbi jdbi() {
        return jdbi;
    }

    @Override
    public void close() {
        source.close();
    }
}
