package org.reft4j.server.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobQueue;
import org.reft4j.server.store.LeaseLostException;
import org.reft4j.server.store.LeasedJob;

/**
 * Sees to it that jobs are worked on: checks new ones, starts a worker process for the next of the queue while this machine has room, and
 * notices workers that are gone, its own at once and those of others when their leases run out. Any number of supervisors may share a
 * database.
 */
public final class Supervisor implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("reft4j");
    private static final long LOOK_MS = 500;
    private static final long FAREWELL_SECONDS = 5;
    private static final int ENDED_BY_SIGNAL = 128;
    private static final int SHOWN = 300;
    /** Without so many free bytes not even a small job is begun. */
    private static final long LEAST = 16L << 20;

    /** So many more must be free before another try after one that found the disk full. */
    private static final long MORE = 16L << 20;

    private final WorkerSettings settings;
    private final Database database;
    private final JobQueue queue;
    private final Check check;
    private final String machine = machine();
    private final Map<String, Process> workers = new ConcurrentHashMap<>();
    private final MachineRoom room;
    private final Semaphore nudges = new Semaphore(0);
    private final Thread thread;
    /** Bytes that must be free before a worker is started; more after one has found no room. */
    private volatile long enough = LEAST;

    private volatile boolean closed;

    /** Checks a new job's files and settings, and moves it to the queue or lets it fail. */
    @FunctionalInterface
    public interface Check {
        void check(Job job, LeasedJob mine);
    }

    /**
     * Starts at once.
     *
     * @param engine somebody else on this machine who takes memory
     */
    @SuppressWarnings("ThisEscapedInObjectConstruction") // the thread begins when all is set
    public Supervisor(WorkerSettings settings, Database database, Tenant engine, Check check) {
        this.settings = settings;
        this.database = database;
        this.queue = new JobQueue(database);
        this.check = check;
        this.room = new MachineRoom(settings.memoryBytes(), settings.data(), settings.disk(), engine, this::held);
        this.thread = Thread.ofPlatform().daemon().name("supervisor").unstarted(this::loop);
        thread.start();
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "-");
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    /** Looks now rather than soon: a job was created, resumed or cancelled. */
    public void nudge() {
        nudges.release();
    }

    /** The processes of this supervisor's workers by job. */
    public Map<String, ProcessHandle> workers() {
        Map<String, ProcessHandle> handles = new ConcurrentHashMap<>();
        workers.forEach((job, process) -> handles.put(job, process.toHandle()));
        return handles;
    }

    private void loop() {
        while (!closed) {
            try {
                look();
            } catch (RuntimeException e) {
                // The database may be away for a while; the next look asks again.
                if (!closed) {
                    LOG.log(System.Logger.Level.WARNING, "jobs are not looked after: {0}", e.getMessage());
                }
            }
            try {
                var _ = nudges.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS);
                var _ = nudges.drainPermits();
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void look() {
        for (Job job : queue.expired()) {
            job.lease().ifPresent(lease -> {
                if (queue.lost(
                        job.id(),
                        lease.owner(),
                        true,
                        settings.tries(),
                        "it was not heard of for " + settings.lease().toSeconds() + " seconds")) {
                    Optional.ofNullable(workers.get(job.id())).ifPresent(Process::destroyForcibly);
                }
            });
        }
        checkNew();
        while (!closed && workers.size() < settings.atOnce() && free() >= enough) {
            Optional<JobQueue.Waiting> next = queue.next();
            if (next.isEmpty() || waits(next.get())) {
                return;
            }
            String owner = machine + ":" + Secrets.id("");
            Optional<Job> job = queue.claim(
                    next.get(), machine, owner, settings.lease().plus(Duration.ofSeconds(20)), settings.atOnce());
            if (job.isEmpty()) {
                return;
            }
            start(job.get(), owner);
        }
    }

    /** True if there is no room for a job yet, which it is told. */
    private boolean waits(JobQueue.Waiting next) {
        Optional<String> missing = room.missing(next, queue.planned(machine));
        missing.ifPresent(what -> queue.waits(next, what));
        return missing.isPresent();
    }

    private long held(String job) {
        Process worker = workers.get(job);
        return worker == null ? 0 : HeldMemory.of(worker.pid());
    }

    private void checkNew() {
        while (!closed) {
            String owner = machine + ":" + Secrets.id("");
            Optional<Job> job = queue.claimUnchecked(owner, settings.lease());
            if (job.isEmpty()) {
                return;
            }
            LeasedJob mine = new LeasedJob(database, job.get().id(), owner, settings.lease());
            Thread beat = Thread.ofVirtual().start(() -> beat(mine));
            try {
                check.check(job.get(), mine);
            } catch (LeaseLostException _) {
                // Cancelled meanwhile.
            } catch (RuntimeException e) {
                queue.lost(job.get().id(), owner, false, settings.tries(), "checking it ended with " + e);
            } finally {
                beat.interrupt();
            }
        }
    }

    private void beat(LeasedJob mine) {
        try {
            while (true) {
                Thread.sleep(settings.lease().toMillis() / 4);
                var _ = mine.renew();
            }
        } catch (InterruptedException | LeaseLostException _) {
            // The check is over, or the job is another's.
        }
    }

    private void start(Job job, String owner) {
        JobFolder folder = new JobFolder(settings.data(), job.id());
        try {
            Files.createDirectories(folder.folder());
            Process process = EngineJvm.of(
                            WorkerMain.class,
                            settings.options(),
                            List.of(
                                    settings.data().toAbsolutePath().toString(),
                                    settings.postgres().orElse(""),
                                    job.id(),
                                    owner,
                                    Long.toString(settings.lease().toMillis()),
                                    Long.toString(settings.disk().reserveBytes())))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(folder.log().toFile()))
                    .start();
            workers.put(job.id(), process);
            var _ = process.onExit().thenAccept(ended -> ended(job.id(), owner, ended, folder));
        } catch (IOException e) {
            queue.lost(job.id(), owner, false, settings.tries(), "it could not be started: " + e.getMessage());
        }
    }

    private void ended(String job, String owner, Process process, JobFolder folder) {
        workers.remove(job, process);
        try {
            int status = process.exitValue();
            if (status == JobWorker.DISK_FULL) {
                enough = free() + MORE;
                new LeasedJob(database, job, owner, settings.lease())
                        .stopped("The disk is full: the job waits for room and goes on from its last checkpoint");
            } else if (status != JobWorker.LOST) {
                // A worker that ended in order has given its lease back, and this finds nothing.
                queue.lost(job, owner, false, settings.tries(), reason(status, folder.log()));
            }
        } catch (LeaseLostException _) {
            // The database has no room either, or the job is another's.
        } finally {
            nudge();
        }
    }

    /** Bytes on the disk that are free. */
    private long free() {
        try {
            return Files.getFileStore(settings.data()).getUsableSpace();
        } catch (IOException _) {
            return Long.MAX_VALUE; // some file systems do not tell
        }
    }

    private static String reason(int status, Path log) {
        String how = status > ENDED_BY_SIGNAL
                ? "it was ended by signal " + (status - ENDED_BY_SIGNAL)
                : "it ended with status " + status;
        try {
            return Files.readAllLines(log).reversed().stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("\t"))
                    .findFirst()
                    .map(line -> how + ", last saying \"" + line.substring(0, Math.min(SHOWN, line.length())) + "\"")
                    .orElse(how);
        } catch (IOException _) {
            return how;
        }
    }

    /** Asks its workers to end after their steps, and waits a moment for them. Those that take longer end by themselves. */
    @Override
    public void close() {
        closed = true;
        nudge();
        workers.values().forEach(Process::destroy);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(FAREWELL_SECONDS));
            for (Process worker : workers.values()) {
                var _ = worker.waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
