package org.reft4j.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.store.JobEvent.Draft;

/** The contract of the jobs' tables, on both databases. */
class JobTablesTest {

    @Nested
    class OnSqlite extends JobTablesContract {
        @TempDir
        Path folder;

        @Override
        Database open() {
            return Database.sqlite(folder.resolve("reft.sqlite"));
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OnPostgres extends JobTablesContract {
        private @Nullable PostgresServer server;

        @Override
        Database open() throws IOException, InterruptedException {
            assumeTrue(
                    PostgresServer.installed().isPresent(),
                    "there is no PostgreSQL on this machine (Debian: apt-get install postgresql)");
            PostgresServer started = PostgresServer.start();
            server = started;
            return Database.postgres(started.url());
        }

        @AfterEach
        void stop() throws IOException, InterruptedException {
            if (server != null) {
                database.close();
                server.close();
            }
        }

        @Test
        void goesOnWhenTheDatabaseComesBackInTime() throws IOException, InterruptedException {
            create("one", Map.of());
            LeasedJob mine = running("one", "here:1", LONG);
            PostgresServer postgres = Objects.requireNonNull(server);
            postgres.kill();
            Thread starter = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(500);
                    postgres.restart();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            mine.stepped(3, 10, 100, 1.5, List.of(Draft.info("Step 3").once("step-3")));
            starter.join();
            assertEquals(3, jobs.find("default", "one").orElseThrow().step());
        }
    }
}
