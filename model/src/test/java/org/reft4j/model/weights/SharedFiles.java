package org.reft4j.model.weights;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Test input that lies beside the project rather than in it. A test whose input is missing is skipped, and says so. */
public final class SharedFiles {
    private SharedFiles() {}

    public static Path find(String relative) {
        Path path = Path.of(System.getProperty("reft4j.root", "."))
                .resolve("../shared")
                .resolve(relative)
                .normalize();
        boolean found = Files.exists(path);
        if (!found) {
            System.out.println("skipped: no " + path);
        }
        assumeTrue(found, () -> "no " + path);
        return path;
    }

    /** The folders in a folder, sorted. */
    public static List<Path> folders(String relative) throws IOException {
        try (Stream<Path> entries = Files.list(find(relative))) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }
}
