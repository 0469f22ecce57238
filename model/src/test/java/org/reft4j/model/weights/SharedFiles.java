package org.reft4j.model.weights;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Test input that lies beside the project, in {@code ../shared}, rather than in it. A test whose input is missing is skipped, and says
 * so. Golden values come from the folder that {@code -Dreft4j.golden} names, if any, and the project carries a part of them.
 */
public final class SharedFiles {
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", "."));
    private static final Path SHARED = ROOT.resolve("../shared").normalize();
    private static final String GOLDEN = "golden";

    private SharedFiles() {}

    /** A path such as {@code models/tiny} or {@code golden/gguf}. */
    public static Path find(String relative) {
        Path asked = Path.of(relative);
        Path path = asked.startsWith(GOLDEN)
                ? golden().resolve(Path.of(GOLDEN).relativize(asked))
                : SHARED.resolve(relative);
        boolean found = Files.exists(path);
        if (!found) {
            System.out.println("skipped: no " + path);
        }
        assumeTrue(found, () -> "no " + path);
        return path;
    }

    private static Path golden() {
        String given = System.getProperty("reft4j.golden", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path beside = SHARED.resolve(GOLDEN);
        return Files.isDirectory(beside) ? beside : ROOT.resolve("verify/src/test/golden");
    }

    /** The folders in a folder, sorted. */
    public static List<Path> folders(String relative) throws IOException {
        try (Stream<Path> entries = Files.list(find(relative))) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }
}
