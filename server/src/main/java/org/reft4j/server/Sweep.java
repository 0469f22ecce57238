package org.reft4j.server;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Work that is done again and again in the background, such as the deletion of what has expired. */
final class Sweep implements AutoCloseable {
    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> work;

    private Sweep(ScheduledExecutorService thread, ScheduledFuture<?> work) {
        this.thread = thread;
        this.work = work;
    }

    /** A piece of it. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    static Sweep every(Duration pause, List<Task> tasks) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("sweep").daemon(true).factory());
        ScheduledFuture<?> work = thread.scheduleWithFixedDelay(
                () -> tasks.forEach(Sweep::quietly), 0, pause.toMillis(), TimeUnit.MILLISECONDS);
        return new Sweep(thread, work);
    }

    private static void quietly(Task task) {
        try {
            task.run();
        } catch (IOException | RuntimeException e) {
            // The disk or the database fails; requests say so, and the next round tries again.
            return;
        }
    }

    @Override
    public void close() {
        work.cancel(false);
        thread.shutdown();
        try {
            boolean ended = thread.awaitTermination(5, TimeUnit.SECONDS);
            if (!ended) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
