package org.reft4j.task.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.reft4j.task.dataset.DataException;

/** A file of rows, read one at a time by the format that its name ends in; whatever has another ending is JSON. */
final class RowFile {
    /** The endings of files in a folder that are looked at. */
    static final List<String> ENDINGS = List.of(".json", ".jsonl", ".csv", ".tsv", ".parquet");

    private RowFile() {}

    /** True if a file of a folder may hold rows. */
    static boolean isKnown(Path file) {
        return ENDINGS.stream().anyMatch(name(file)::endsWith);
    }

    /**
     * Reads rows until {@code wanted} says no.
     *
     * @throws DataException naming file, place and remedy, if the file is missing, empty, damaged or not valid UTF-8
     */
    static void read(Path file, Predicate<Row> wanted) {
        String name = name(file);
        if (name.endsWith(".csv")) {
            TableRows.read(file, ',', wanted);
        } else if (name.endsWith(".tsv")) {
            TableRows.read(file, '\t', wanted);
        } else if (name.endsWith(".parquet")) {
            ParquetRows.read(file, wanted);
        } else {
            JsonRows.read(file, wanted);
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }
}
