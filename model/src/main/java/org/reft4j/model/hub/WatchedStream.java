package org.reft4j.model.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A stream from the network that is cut when nothing has come for a while: the client's own time limit ends with the headers. */
final class WatchedStream extends FilterInputStream {
    private final Thread watch;
    private final long patience;
    private volatile long last = System.nanoTime();

    WatchedStream(InputStream in, Duration patience) {
        super(in);
        this.patience = patience.toNanos();
        this.watch = Thread.ofVirtual().start(this::watch);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        last = System.nanoTime();
        return count;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        last = System.nanoTime();
        return value;
    }

    private void watch() {
        try {
            long left = patience;
            while (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
                left = patience - (System.nanoTime() - last);
            }
            in.close();
        } catch (InterruptedException | IOException e) {
            // Closed in time, or beyond closing: either way there is nothing left to watch.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        super.close();
    }
}
