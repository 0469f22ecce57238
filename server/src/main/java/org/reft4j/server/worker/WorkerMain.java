package org.reft4j.server.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Outage;
import org.reft4j.server.store.Room;

/** A worker process: trains the job whose lease it was handed. Its messages go to a file in the job's folder. */
public final class WorkerMain {
    private WorkerMain() {}

    /**
     * @param arguments data folder, address of a PostgreSQL or nothing, job, owner of the lease, its length in milliseconds, bytes that stay free
     *     on the disk
     */
    public static void main(String[] arguments) {
        Path data = Path.of(arguments[0]);
        Optional<String> postgres = Optional.of(arguments[1]).filter(url -> !url.isEmpty());
        Duration lease = Duration.ofMillis(Long.parseLong(arguments[4]));
        Room disk = new Room(0, Long.parseLong(arguments[5]));
        WorkerSettings settings = new WorkerSettings(data, postgres, 1, lease, 1, List.of(), 0, disk);
        int status = 0;
        try (Database database = settings.open()) {
            new JobWorker(data, database, arguments[2], arguments[3], lease, disk).work();
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            status = Outage.of(e).filter(Outage.DISK_FULL::equals).isPresent() ? JobWorker.DISK_FULL : 1;
        }
        // Threads of native libraries may keep the process alive otherwise.
        System.exit(status);
    }
}
