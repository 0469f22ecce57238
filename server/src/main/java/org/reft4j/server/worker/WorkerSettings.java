package org.reft4j.server.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Room;
import org.reft4j.tensor.Cpu;

/**
 * Settings of those who work on jobs.
 *
 * @param data the service's data folder
 * @param postgres address of the database; empty for SQLite in the data folder
 * @param atOnce number of jobs that this machine trains at once
 * @param lease a worker that is silent for longer is taken for dead
 * @param tries workers of a job that may die without a new checkpoint between them
 * @param options of the JVM of a worker, such as {@code -Xmx4g}
 * @param memoryBytes of all jobs on this machine together; 0 for what is free
 * @param disk what stays free on the disk
 */
public record WorkerSettings(
        Path data,
        Optional<String> postgres,
        int atOnce,
        Duration lease,
        int tries,
        List<String> options,
        long memoryBytes,
        Room disk) {
    private static final Duration USUAL_LEASE = Duration.ofSeconds(10);

    public WorkerSettings {
        options = List.copyOf(options);
    }

    /** The usual settings: one job at a time, in SQLite. */
    public static WorkerSettings of(Path data) {
        return new WorkerSettings(data, Optional.empty(), 1, USUAL_LEASE, 3, List.of(), 0, new Room(0, 0));
    }

    /** The most that one job may ever have. */
    public long mostBytes() {
        return memoryBytes > 0 ? memoryBytes : Cpu.memoryBytes();
    }

    /** Opens the database. */
    public Database open() {
        return postgres.map(Database::postgres).orElseGet(() -> Database.sqlite(data.resolve("reft.db")));
    }
}
