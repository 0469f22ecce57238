package org.reft4j.task.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.reft4j.task.dataset.DataException;

/**
 * Bytes of a file that are checked to be UTF-8 as they pass (Unicode 15, table 3-7: no overlong forms, no surrogates).
 * A reader that replaces bad bytes would train on damaged text without a word.
 */
final class StrictUtf8 extends FilterInputStream {
    private final Path file;
    private long offset;
    private long line = 1;
    private int pending;
    private int low;
    private int high;

    StrictUtf8(InputStream in, Path file) {
        super(in);
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
        int count = super.read(bytes, start, length);
        if (count < 0 && pending > 0) {
            throw fault("the file ends within a character");
        }
        for (int i = start; i < start + count; i++) {
            check(bytes[i] & 0xff);
            offset++;
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void check(int value) {
        if (pending > 0) {
            if (value < low || value > high) {
                throw fault(String.format(Locale.ROOT, "byte 0x%02x", value));
            }
            pending--;
            low = 0x80;
            high = 0xbf;
        } else if (value >= 0x80) {
            lead(value);
        } else if (value == '\n') {
            line++;
        }
    }

    private void lead(int value) {
        pending = value >= 0xf0 ? 3 : value >= 0xe0 ? 2 : 1;
        low = value == 0xe0 ? 0xa0 : value == 0xf0 ? 0x90 : 0x80;
        high = value == 0xed ? 0x9f : value == 0xf4 ? 0x8f : 0xbf;
        if (value < 0xc2 || value > 0xf4) {
            throw fault(String.format(Locale.ROOT, "byte 0x%02x", value));
        }
    }

    private DataException fault(String what) {
        return new DataException(file + ", line " + line + ": not valid UTF-8 (" + what + " at byte offset " + offset
                + "); convert the file to UTF-8, for example with iconv");
    }
}
