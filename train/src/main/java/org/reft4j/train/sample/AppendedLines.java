package org.reft4j.train.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reft4j.train.ConfigException;

/** A text file that grows by whole lines, written by one process at a time; others may read it meanwhile. */
final class AppendedLines implements AutoCloseable {
    /** Beyond every line, which others must be able to read (Windows locks the bytes themselves). */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path file;
    private final FileChannel channel;

    private AppendedLines(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens the file, or makes an empty one. Existing content stays until {@link #cut} drops what is incomplete.
     *
     * @param remedy advice in the message if another process writes to it
     * @throws ConfigException if another process writes to it
     */
    static AppendedLines open(Path file, String remedy) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new ConfigException(file + " is being written by another process; " + remedy);
            }
            return new AppendedLines(file, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Drops everything after the first {@code size} bytes, such as a line that a crash cut off; new lines are added there. */
    void cut(long size) throws IOException {
        channel.truncate(size).position(size);
    }

    /** Adds lines, and flushes them to the disk. */
    void append(Stream<?> lines) {
        String text = lines.map(line -> line + "\n").collect(Collectors.joining());
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }
}
