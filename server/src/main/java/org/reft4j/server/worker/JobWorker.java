package org.reft4j.server.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobEvents;
import org.reft4j.server.store.LeaseLostException;
import org.reft4j.server.store.LeasedJob;
import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.grade.GraderException;
import org.reft4j.train.DivergedException;
import org.reft4j.train.job.FinishedJob;
import org.reft4j.train.job.OpenJob;

/**
 * Trains one job in this process: moves the end of its lease on, obeys its owner, and ends it. Once the lease is lost the process ends at
 * once, in the middle of whatever it does.
 */
final class JobWorker {
    /** Status of a process that lost its lease. */
    static final int LOST = 75;

    /** Status of a process that found no room on the disk. */
    static final int DISK_FULL = 74;

    private static final int BEATS = 4;
    private static final long WATCH_MS = 50;
    private static final Duration FAREWELL = Duration.ofMinutes(10);

    private final Path data;
    private final Database database;
    private final String id;
    private final LeasedJob leased;
    private final Duration lease;
    private final Room disk;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Object lock = new Object();
    private @Nullable OpenJob running;
    private @Nullable JobRecorder recorder;
    private volatile boolean finishing;
    private boolean stopping;
    private boolean pausing;

    /** @param disk what stays free on the disk */
    JobWorker(Path data, Database database, String id, String owner, Duration lease, Room disk) {
        this.data = data;
        this.database = database;
        this.id = id;
        this.leased = new LeasedJob(database, id, owner, lease);
        this.lease = lease;
        this.disk = disk;
    }

    /** Trains the job to its end, or until it is to stop. */
    void work() throws IOException {
        var _ = leased.renew();
        Thread.ofPlatform().daemon().name("lease").start(this::beat);
        Thread.ofPlatform().daemon().name("lease end").start(this::watch);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::farewell));
        try {
            train(leased.read());
        } catch (LeaseLostException _) {
            Runtime.getRuntime().halt(LOST);
        } finally {
            ended.countDown();
        }
    }

    private void train(Job job) throws IOException {
        JobFolder folder = new JobFolder(data, id);
        StoredFiles files = new StoredFiles(database, data.resolve("files"), new Room(0, 0));
        JobPlan plan = JobPlan.of(job);
        JobRecorder tells = new JobRecorder(
                plan,
                leased,
                files,
                folder,
                () -> obey(true),
                new JobEvents(database).metrics(id),
                job.resultFile().orElse(null));
        DiskWatch watch = new DiskWatch(disk, folder, this::stop);
        try (OpenJob open = open(job, folder, tells, watch)) {
            synchronized (lock) {
                running = open;
                recorder = tells;
                if (pausing) {
                    tells.pausing();
                }
                if (stopping) {
                    open.stop();
                }
            }
            FinishedJob end = open.run();
            finishing = true;
            if (tells.done()) {
                tells.succeed(end.checkpoint().orElseThrow().folder(), tells.lastStep());
            } else {
                tells.write(true);
                leased.stopped(
                        pausing
                                ? "Job paused after step " + tells.lastStep()
                                : watch.full()
                                        ? "Job stopped after step " + tells.lastStep()
                                                + " since the disk is nearly full; it goes on from there when there is room"
                                        : "Job stopped after step " + tells.lastStep()
                                                + " since its worker was asked to end; it goes on from there");
            }
        } catch (DivergedException e) {
            fail(new Job.Failure("training_diverged", words(e), null));
        } catch (GraderException e) {
            fail(new Job.Failure("invalid_grader", words(e), "method.reinforcement.grader"));
        } catch (SettingException e) {
            fail(new Job.Failure("invalid_settings", words(e), RunSettings.field(e.key())));
        } catch (DataException e) {
            fail(new Job.Failure("invalid_training_file", words(e), "training_file"));
        }
    }

    private void fail(Job.Failure failure) {
        finishing = true;
        leased.failed(failure);
    }

    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    private OpenJob open(Job job, JobFolder folder, JobRecorder tells, DiskWatch watch) throws IOException {
        Files.createDirectories(folder.folder());
        return org.reft4j.train.job.Job.of(
                        RunSettings.document(MovedData.here(job.settings().orElseThrow(), folder)), folder.run())
                .resume(true)
                .listener(tells)
                .listener(watch)
                .open();
    }

    private static String words(Exception e) {
        return String.valueOf(e.getMessage());
    }

    private void beat() {
        try {
            while (true) {
                obey(leased.renew().isPresent());
                Thread.sleep(Math.min(1000, lease.toMillis() / BEATS));
            }
        } catch (LeaseLostException _) {
            // A job that ends gives its lease back; any other loss ends the process at once.
            if (!finishing) {
                Runtime.getRuntime().halt(LOST);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey(boolean pause) {
        if (pause) {
            synchronized (lock) {
                pausing = true;
                stopping = true;
                if (recorder != null) {
                    recorder.pausing();
                }
                if (running != null) {
                    running.stop();
                }
            }
        }
    }

    /** A database that hangs must not hide that the lease is over. */
    private void watch() {
        while (true) {
            if (!leased.valid() && ended.getCount() > 0) {
                Runtime.getRuntime().halt(LOST);
            }
            try {
                Thread.sleep(WATCH_MS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Lets the run end after its step. */
    private void stop() {
        synchronized (lock) {
            stopping = true;
            if (running != null) {
                running.stop();
            }
        }
    }

    /** The process is asked to end: the run ends after its step, and its job is queued again. */
    private void farewell() {
        stop();
        try {
            var _ = ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
