package org.reft4j.sandbox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Standard input and output of a program: empty, until a script is to run. */
final class StandardStreams {
    /** Largest output, in bytes. No program worth running writes more. */
    static final int MAX_OUTPUT = 1 << 20;

    private InputStream in = InputStream.nullInputStream();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean kept;
    private boolean flooded;

    /** Opens the input and keeps output from now on. */
    void open(String input) {
        in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        kept = true;
    }

    String output() {
        return written.toString(StandardCharsets.UTF_8);
    }

    /** True if more was written than is kept. */
    boolean isFlooded() {
        return flooded;
    }

    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws java.io.IOException {
                return in.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws java.io.IOException {
                return in.read(bytes, offset, length);
            }
        };
    }

    OutputStream sink() {
        return new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                int room = kept ? Math.min(length, MAX_OUTPUT - written.size()) : 0;
                flooded |= kept && room < length;
                written.write(bytes, offset, room);
            }
        };
    }
}
