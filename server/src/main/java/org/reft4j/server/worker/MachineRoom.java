package org.reft4j.server.worker;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.reft4j.server.store.JobQueue;
import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoreFullException;
import org.reft4j.tensor.Cpu;

/**
 * The room on this machine for one more job: memory beside the jobs and the engine that run, each job with what its plan says, and the disk.
 * A job for which there is none waits, and those behind it with it, so that large ones have their turn.
 */
final class MachineRoom {
    private static final double GIB = 1L << 30;

    private final long limit;
    private final Path data;
    private final Room disk;
    private final Tenant engine;
    private final ToLongFunction<String> held;

    /**
     * @param limit memory of all jobs together; 0 for this machine's
     * @param held bytes that the worker of a job holds now, if it is this process's
     */
    MachineRoom(long limit, Path data, Room disk, Tenant engine, ToLongFunction<String> held) {
        this.limit = limit;
        this.data = data;
        this.disk = disk;
        this.engine = engine;
        this.held = held;
    }

    /**
     * Looks whether a job can start.
     *
     * @param running planned bytes of this machine's jobs by id
     * @return half a sentence on what it waits for; empty if it can
     */
    Optional<String> missing(JobQueue.Waiting next, Map<String, Long> running) {
        try {
            if (disk.reserveBytes() > 0) {
                disk.requireDisk(data, 2 * new JobFolder(data, next.id()).checkpointBytes());
            }
        } catch (StoreFullException e) {
            return Optional.of("the disk: " + e.getMessage());
        }
        long free = free(running);
        // The plan is an upper value: what is alone may try, as a run of the command line may.
        if (next.memoryBytes() <= free || (running.isEmpty() && (limit > 0 || engine.bytes() == 0))) {
            return Optional.empty();
        }
        engine.leave();
        return Optional.of(String.format(
                Locale.ROOT,
                "memory: it needs %.1f GiB, and %.1f GiB are free beside %s",
                next.memoryBytes() / GIB,
                Math.max(0, free) / GIB,
                running.isEmpty() ? "the models that answer requests" : "what runs"));
    }

    private long free(Map<String, Long> running) {
        long planned = running.values().stream().mapToLong(Long::longValue).sum();
        if (limit > 0) {
            return limit - planned;
        }
        // What runs may still grow to what was planned for it.
        long growing = running.entrySet().stream()
                .mapToLong(each -> Math.max(0, each.getValue() - held.applyAsLong(each.getKey())))
                .sum();
        return Math.min(Cpu.memoryBytes() - planned - engine.bytes(), Cpu.availableBytes() - growing);
    }
}
