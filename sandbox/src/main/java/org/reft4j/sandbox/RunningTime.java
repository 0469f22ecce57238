package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A limit of time in which something could run. What passes while this process is stopped, or the machine sleeps, or the other process
 * is stopped, does not count: a program is not to blame for it. Time that a program spends asleep, or waits for a busy processor, counts.
 */
final class RunningTime {
    /** Interval at which the time is taken. The limit itself is met to the millisecond. */
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    /** A tick that comes later than this was stopped on its way; a busy machine and a collection of garbage delay it less. */
    private static final long STOPPED = TimeUnit.MILLISECONDS.toNanos(500);

    private final ScheduledExecutorService clock;
    private final BooleanSupplier stopped;
    private final Runnable end;
    private long left;
    private long last = System.nanoTime();
    private boolean over;
    private @Nullable ScheduledFuture<?> next;

    private RunningTime(ScheduledExecutorService clock, Duration limit, BooleanSupplier stopped, Runnable end) {
        this.clock = clock;
        this.stopped = stopped;
        this.end = end;
        this.left = limit.toNanos();
    }

    /**
     * Begins to count.
     *
     * @param stopped whether the other process cannot run at this moment
     * @param end called once when the time is over, on the clock's thread, unless {@link #cancel} came first
     */
    static RunningTime limit(ScheduledExecutorService clock, Duration limit, BooleanSupplier stopped, Runnable end) {
        RunningTime time = new RunningTime(clock, limit, stopped, end);
        time.schedule();
        return time;
    }

    private synchronized void schedule() {
        long wait = Math.min(TICK, left);
        next = clock.schedule(() -> tick(wait), wait, TimeUnit.NANOSECONDS);
    }

    private void tick(long wait) {
        synchronized (this) {
            if (over) {
                return;
            }
            long now = System.nanoTime();
            long passed = now - last;
            last = now;
            if (!stopped.getAsBoolean()) {
                left -= passed - wait > STOPPED ? wait : passed;
            }
            if (left > 0) {
                schedule();
                return;
            }
            over = true;
        }
        end.run();
    }

    /** Stops counting. @return false if the time was over before */
    synchronized boolean cancel() {
        if (over) {
            return false;
        }
        over = true;
        requireNonNull(next).cancel(false);
        return true;
    }
}
