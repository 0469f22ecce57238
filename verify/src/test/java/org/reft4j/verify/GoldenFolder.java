package org.reft4j.verify;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the reference's values lie: the folder given by {@code -Dreft4j.golden}, else {@code ../shared/golden} beside the project where
 * there is one, else the part of it that this module carries.
 */
final class GoldenFolder {
    private GoldenFolder() {}

    static Path find() {
        String given = System.getProperty("reft4j.golden", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path root = Path.of(System.getProperty("reft4j.root", "."));
        Path beside = root.resolve("../shared/golden").normalize();
        return Files.isDirectory(beside) ? beside : root.resolve("verify/src/test/golden");
    }
}
