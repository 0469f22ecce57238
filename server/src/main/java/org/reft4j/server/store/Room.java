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
     * @param folder where the file goes
     * @param used bytes of the project's files
     * @param more bytes that are to come
     */
    void require(Path folder, long used, long more) throws StoreFullException {
        if (quotaBytes > 0 && used + more > quotaBytes) {
            throw new StoreFullException(String.format(
                    Locale.ROOT,
                    "The project's files would be larger than its quota of %.1f GiB; delete files, or raise limits.files-gib.",
                    quotaBytes / GIB));
        }
        long free;
        try {
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return; // some file systems do not tell
        }
        if (free - more < reserveBytes) {
            throw new StoreFullException(String.format(
                    Locale.ROOT,
                    "The server's disk is nearly full (%.1f GiB free, %.1f GiB are kept free); delete files or checkpoints.",
                    free / GIB,
                    reserveBytes / GIB));
        }
    }
}
