package org.reft4j.cli;

import java.util.concurrent.TimeUnit;
import org.reft4j.model.hub.HubProgress;

/** Says on standard error what is being fetched: a line when a file begins, now and then, and when it is whole. */
final class FetchDisplay implements HubProgress {
    private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(5);

    private final Output output;
    private String file = "";
    private long lastLineAt;

    FetchDisplay(Output output) {
        this.output = output;
    }

    @Override
    public void at(String file, long done, long total) {
        long now = System.nanoTime();
        boolean begins = !file.equals(this.file);
        if (!begins && done != total && now - lastLineAt < BETWEEN_LINES) {
            return;
        }
        this.file = file;
        lastLineAt = now;
        output.remark("fetching %s: %.1f of %.1f MiB", file, mebibytes(done), mebibytes(total));
    }

    private static double mebibytes(long bytes) {
        return Math.max(0, bytes) / (double) (1 << 20);
    }
}
