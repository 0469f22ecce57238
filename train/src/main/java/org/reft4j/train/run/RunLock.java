package org.reft4j.train.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps two writers out of one run folder. The system releases the lock when the process ends, however it ends. */
final class RunLock implements AutoCloseable {
    static final String FILE = ".lock";

    /**
     * Folders locked by this process. Asked first, because on POSIX systems opening and closing the lock file a second time would release
     * the lock that the first opening holds.
     */
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    /** Beyond the process number in the file, which other processes must be able to read (Windows locks the bytes themselves). */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path folder;
    private final FileChannel channel;

    private RunLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks an existing folder.
     *
     * @throws RunException if someone else holds the lock
     */
    static RunLock take(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Path real = folder.toRealPath();
            if (!HERE.add(real)) {
                throw inUse(folder, Long.toString(ProcessHandle.current().pid()) + " (this one)");
            }
            try {
                return new RunLock(real, open(folder, file));
            } catch (IOException | RuntimeException e) {
                HERE.remove(real);
                throw e;
            }
        } catch (IOException e) {
            throw RunException.of("cannot lock", file, e);
        }
    }

    private static FileChannel open(Path folder, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                ByteBuffer owner = ByteBuffer.allocate(20);
                int length = Math.max(0, channel.read(owner, 0));
                throw inUse(folder, new String(owner.array(), 0, length, StandardCharsets.US_ASCII).strip());
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static RunException inUse(Path folder, String owner) {
        return new RunException("run folder " + folder + " is in use by process " + owner
                + "; wait for it, stop it, or give this run another name");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw RunException.of("cannot unlock", folder.resolve(FILE), e);
        } finally {
            HERE.remove(folder);
        }
    }
}
