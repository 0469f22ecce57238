package org.reft4j.train.learn;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.reft4j.train.settings.CheckpointInterval;

/**
 * Says when the next checkpoint is due. With an interval of time one is written as soon as another step like the last would go beyond it,
 * so that a killed run loses no more than that. No figure depends on it: a checkpoint copies the state of a run and changes nothing of it.
 */
final class CheckpointClock {
    private final CheckpointInterval interval;
    private final LongSupplier nanos;
    private long kept;
    private long lastStep;

    /** @param nanos the clock */
    CheckpointClock(CheckpointInterval interval, LongSupplier nanos) {
        this.interval = interval;
        this.nanos = nanos;
        this.kept = nanos.getAsLong();
        this.lastStep = kept;
    }

    /** True if a checkpoint is due; to be called once at the end of every step. */
    boolean due(int step) {
        long now = nanos.getAsLong();
        Duration took = Duration.ofNanos(now - lastStep);
        lastStep = now;
        if (interval.time().isZero()) {
            return Guards.due(interval.steps(), step);
        }
        return Duration.ofNanos(now - kept).plus(took).compareTo(interval.time()) > 0;
    }

    /** One was written. */
    void kept() {
        kept = nanos.getAsLong();
        lastStep = kept;
    }
}
