package org.reft4j.server.page;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.store.Page;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;

/** The files of a project, newest first. */
record FilesPage(List<Row> rows, boolean more) {
    private static final int ROWS = 50;
    private static final double KIB = 1024;

    record Row(String id, String name, String purpose, String size, String created) {}

    static FilesPage of(StoredFiles files, String project, @Nullable StoredFile after) {
        Page<StoredFile> found = files.list(project, new StoredFiles.Asked(null, after, ROWS, false));
        return new FilesPage(
                found.items().stream()
                        .map(file -> new Row(
                                file.id(),
                                file.filename(),
                                file.purpose(),
                                size(file.bytes()),
                                Text.time(Instant.ofEpochMilli(file.createdMs()))))
                        .toList(),
                found.more());
    }

    private static String size(long bytes) {
        if (bytes < KIB) {
            return bytes + " B";
        }
        return bytes < KIB * KIB
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / KIB)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / KIB / KIB);
    }
}
