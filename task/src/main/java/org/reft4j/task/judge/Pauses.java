package org.reft4j.task.judge;

import java.time.Duration;

/** Clock and pauses between requests; tests let it pass at once. */
public interface Pauses {
    /** The clock's. */
    Pauses REAL = new Pauses() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void pause(Duration length) throws InterruptedException {
            Thread.sleep(length);
        }
    };

    /** Since some moment. */
    long nanos();

    /** Returns when so much time has passed. */
    void pause(Duration length) throws InterruptedException;
}
