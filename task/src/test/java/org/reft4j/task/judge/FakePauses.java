package org.reft4j.task.judge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time that passes only while somebody pauses, and then at once. */
public final class FakePauses implements Pauses {
    private final List<Duration> pauses = new ArrayList<>(); // guarded by this
    private long now; // guarded by this

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized void pause(Duration length) {
        pauses.add(length);
        now += length.toNanos();
    }

    public synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }
}
