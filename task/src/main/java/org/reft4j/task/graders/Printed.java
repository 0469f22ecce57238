package org.reft4j.task.graders;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.OneLine;

/**
 * Output of foreign code in one call, its first letters. Its {@code System.out} and {@code System.err}, and those of the threads that it
 * starts, lead here, so that nothing of it stands between the lines that a command prints for people and programs.
 */
final class Printed {
    private static final int KEPT = 400;
    private static final InheritableThreadLocal<@Nullable Printed> CALL = new InheritableThreadLocal<>();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(); // guarded by itself

    /** Redirects what this thread prints from now on. */
    void capture() {
        divert();
        CALL.set(this);
    }

    /** A note for people; empty where nothing was printed. */
    String note() {
        synchronized (bytes) {
            return OneLine.of(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    private void write(byte[] from, int offset, int length) {
        synchronized (bytes) {
            bytes.write(from, offset, Math.max(0, Math.min(length, KEPT - bytes.size())));
        }
    }

    /** The streams of this program ask from now on whose thread prints. Others may have set their own since the last time. */
    private static synchronized void divert() {
        if (!(System.out instanceof Diverted)) {
            System.setOut(new Diverted(System.out));
        }
        if (!(System.err instanceof Diverted)) {
            System.setErr(new Diverted(System.err));
        }
    }

    /** Tells foreign threads from ours. */
    private static final class Diverted extends PrintStream {
        Diverted(PrintStream ours) {
            super(
                    new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            write(new byte[] {(byte) b}, 0, 1);
                        }

                        @Override
                        public void write(byte[] from, int offset, int length) throws IOException {
                            Printed call = CALL.get();
                            if (call == null) {
                                ours.write(from, offset, length);
                            } else {
                                call.write(from, offset, length);
                            }
                        }

                        @Override
                        public void flush() {
                            if (CALL.get() == null) {
                                ours.flush();
                            }
                        }
                    },
                    true,
                    ours.charset());
        }
    }
}
