package org.reft4j.experiment.grid;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Who works at which run of an experiment, where several processes share its folder. A claim is a lock on one byte of the experiment's
 * lock file, so that the system takes it back from a process that ends in any way. One channel for all claims: on POSIX systems, closing
 * a second one would release the locks of the first.
 */
public final class GridClaims implements AutoCloseable {
    private static final String FILE = ".claims";

    private final Path file;
    private final FileChannel channel;

    private GridClaims(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    public static GridClaims in(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            return new GridClaims(
                    file,
                    FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + file + ", by which processes share an experiment", e);
        }
    }

    /** A run that is locked against other processes until this is closed. */
    public interface Claim extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Claims a run. Two runs whose names fall on the same byte are not worked at together, which costs a wait at most.
     *
     * @return empty if another process has it
     */
    public Optional<Claim> take(Grid.Cell cell) {
        try {
            FileLock lock = channel.tryLock(Integer.toUnsignedLong(cell.path().hashCode()), 1, false);
            return Optional.ofNullable(lock).map(held -> () -> release(held));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + file + ", by which processes share an experiment", e);
        }
    }

    private void release(FileLock lock) {
        try {
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock " + file, e);
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
