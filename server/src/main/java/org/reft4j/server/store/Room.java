package org.reft4j.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The room for files: refuses them before the disk is full, so that the database and checkpoints can still be written.
 *
 * @param quotaBytes all files of a project together; 0 for any number
 * @param reserveBytes what stays free on the disk
 */
public record Room(long quotaBytes, long reserveBytes) {
    private static final double GIB = 1L << 30;

    /**
     * Refuses what would make a project larger than its quota.
     *
     * @param bytes its files and what is to come
     */
    void requireQuota(long bytes) throws StoreFullException {
        if (quotaBytes > 0 && bytes > quotaBytes) {
            throw new StoreFullException(String.format(
                    Locale.ROOT,
                    "The project's files would be larger than its quota of %.1f GiB; delete files, or raise limits.files-gib.",
                    quotaBytes / GIB));
        }
    }

    /**
     * Refuses what would make the disk nearly full.
     *
     * @param more bytes that are still to be written
     */
    public void requireDisk(Path folder, long more) throws StoreFullException {
        long free;
        try {
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return; // some file systems do not tell
        }
        if (free - more < reserveBytes) {
            throw new StoreFullException(String.format(
                    Locale.ROOT,
                    "The server's disk is nearly full (%.1f GiB free, %.1f GiB are kept free); delete files or checkpoints, or lower limits.free-gib.",
                    free / GIB,
                    reserveBytes / GIB));
        }
    }
}
