package org.reft4j.verify;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Folder of the reference's golden values: the one given by {@code -Dreft4j.golden}, else {@code ../shared/golden} next to the project if
 * it exists, else the small set in this module.
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
