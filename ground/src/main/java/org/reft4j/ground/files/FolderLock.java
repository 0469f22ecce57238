package org.reft4j.ground.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A lock that keeps two writers out of one folder. The system releases the lock when the process ends, however it ends. */
public final class FolderLock implements AutoCloseable {
    /** The name of the file in the folder that is locked and holds its owner's process number. */
    public static final String FILE = ".lock";

    /**
     * Folders locked by this process. Asked first, because on POSIX systems opening and closing the lock file a second time would release
     * the lock that the first opening holds.
     */
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    /** Beyond the process number in the file, which other processes must be able to read (Windows locks the bytes themselves). */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /** The lock is held already. */
    public static final class HeldException extends IOException {
        private static final long serialVersionUID = 1L;

        HeldException(String owner) {
            super(owner);
        }

        /** The number of the process that holds it, in words. */
        public String owner() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * Locks an existing folder.
     *
     * @throws HeldException if someone else holds the lock
     */
    public static FolderLock take(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (!HERE.add(real)) {
            throw new HeldException(ProcessHandle.current().pid() + " (this one)");
        }
        try {
            return new FolderLock(real, open(folder.resolve(FILE)));
        } catch (IOException | RuntimeException e) {
            HERE.remove(real);
            throw e;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                ByteBuffer owner = ByteBuffer.allocate(20);
                int length = Math.max(0, channel.read(owner, 0));
                throw new HeldException(new String(owner.array(), 0, length, StandardCharsets.US_ASCII).strip());
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock " + folder.resolve(FILE), e);
        } finally {
            HERE.remove(folder);
        }
    }
}
