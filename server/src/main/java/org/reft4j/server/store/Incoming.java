package org.reft4j.server.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.reft4j.ground.files.DurableFiles;

/** Bytes on their way to the disk. Closed without being kept, nothing of them is left. */
public final class Incoming extends OutputStream {
    private static final long LOOK_EVERY = 8L << 20;

    private final Path folder;
    private final Path aside;
    private final FileChannel channel;
    private final Room room;
    private final long used;
    private long written;
    private long looked;

    private Incoming(Path folder, Path aside, FileChannel channel, Room room, long used) {
        this.folder = folder;
        this.aside = aside;
        this.channel = channel;
        this.room = room;
        this.used = used;
    }

    /** @param used bytes that the project has already */
    static Incoming into(Path folder, Room room, long used) throws IOException {
        room.requireQuota(used);
        room.requireDisk(folder, 0);
        Path aside = DurableFiles.beside(folder.resolve("incoming"));
        return new Incoming(
                folder,
                aside,
                FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                room,
                used);
    }

    /** The number of bytes so far. */
    public long written() {
        return written;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (written + length - looked >= LOOK_EVERY) {
            room.requireQuota(used + written + length);
            room.requireDisk(folder, length);
            looked = written + length;
        }
        try {
            DurableFiles.writeFully(channel, ByteBuffer.wrap(bytes, from, length));
        } catch (IOException e) {
            throw full(e);
        }
        written += length;
    }

    /** The reason in words for clients, where the disk became full between two looks at its room. */
    private static IOException full(IOException failure) {
        return Outage.of(failure).isPresent()
                ? new StoreFullException("The server's disk is full; delete files or checkpoints.")
                : failure;
    }

    /** Gives the whole bytes their name. */
    void keep(String name) throws IOException {
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw full(e);
        }
        DurableFiles.rename(aside, folder.resolve(name));
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(aside);
    }
}
