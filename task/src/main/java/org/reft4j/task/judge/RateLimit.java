package org.reft4j.task.judge;

import java.time.Duration;

/** Lets so many calls begin in a second, evenly spaced. Safe for many threads. */
final class RateLimit {
    private final long interval;
    private final Pauses time;
    private long next; // guarded by this
    private boolean begun; // guarded by this

    /** @param perSecond more than 0; infinite for no limit */
    RateLimit(double perSecond, Pauses time) {
        interval =
                Double.isInfinite(perSecond) ? 0 : (long) (Duration.ofSeconds(1).toNanos() / perSecond);
        this.time = time;
    }

    /** Returns when the caller's turn has come. */
    void await() throws InterruptedException {
        long wait = reserve();
        if (wait > 0) {
            time.pause(Duration.ofNanos(wait));
        }
    }

    private synchronized long reserve() {
        long now = time.nanos();
        long turn = begun ? Math.max(now - next, 0) + next : now;
        begun = true;
        next = turn + interval;
        return turn - now;
    }
}
