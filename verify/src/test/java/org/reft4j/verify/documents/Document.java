package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text file of the project.
 *
 * @param path from the project's root, with slashes
 */
record Document(String path) {
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", ""));

    /** Every Markdown file that belongs to the project. */
    static List<Document> all() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> below = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, below)
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(file -> new Document(ROOT.relativize(file).toString().replace('\\', '/')))
                    .sorted((a, b) -> a.path.compareTo(b.path))
                    .toList();
        }
    }

    Path file() {
        return ROOT.resolve(path);
    }

    String text() throws IOException {
        return Files.readString(file()).replace("\r\n", "\n");
    }

    /** Compares with what was generated, or writes that where {@code reft4j.update} is set. */
    void mustBe(String generated) throws IOException {
        if (Boolean.getBoolean("reft4j.update")) {
            Files.writeString(file(), generated);
        }
        String remedy = path + " is stale. Run the test again with -Dreft4j.update=true and commit the file.";
        assertEquals(generated, Files.exists(file()) ? text() : "", remedy);
    }
}
