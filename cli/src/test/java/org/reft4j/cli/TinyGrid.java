package org.reft4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Files of an experiment that takes seconds: those of the tests of the module below. */
final class TinyGrid {
    private static final Path FILES = Path.of("../experiment/src/test/resources/tiny-grid");

    private TinyGrid() {}

    /** Copies the experiment's file, whose place it returns, and the recipes that it names. */
    static Path write(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.writeString(folder.resolve(file.getFileName()), Files.readString(file));
            }
        }
        return folder.resolve("grid.yaml");
    }

    /** The same with another file of the experiment. */
    static Path write(Path folder, String grid) throws IOException {
        return Files.writeString(write(folder), grid);
    }
}
