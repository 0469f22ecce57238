package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of licences in the archive names every library that is shipped, and the texts that it names are there. */
class LicencesTest {
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", "."));
    private static final Path LICENCES = ROOT.resolve("cli/src/dist/licences");
    /** The first cells of the table: beginnings of file names in backquotes. */
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @Test
    void everyShippedLibraryIsInTheTable() throws IOException {
        Path shipped = ROOT.resolve("cli/target/reft.classpath");
        assumeTrue(Files.exists(shipped), "not run: " + shipped + " is written by ./mvnw package");
        List<String> names = column(0);
        List<String> missing = Stream.of(Files.readString(shipped).strip().split(File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName().toString())
                .filter(name -> name.endsWith(".jar"))
                .filter(name -> !entryOfOurs(name))
                .filter(name -> names.stream().noneMatch(name::startsWith))
                .toList();
        assertEquals(List.of(), missing, "add a row to " + LICENCES.resolve("README.md"));
    }

    private static boolean entryOfOurs(String name) {
        return name.endsWith("-SNAPSHOT.jar") || name.equals("cli.jar");
    }

    @Test
    void everyTextThatTheTableNamesIsThere() throws IOException {
        List<String> texts = column(2).stream()
                .filter(text -> !text.equals("libraries/") && !text.startsWith(".."))
                .toList();
        assertTrue(texts.size() > 5, texts::toString);
        for (String text : texts) {
            assertTrue(Files.size(LICENCES.resolve(text)) > 500, text);
        }
    }

    private static List<String> column(int number) throws IOException {
        List<String> found = new ArrayList<>();
        for (String line : Files.readAllLines(LICENCES.resolve("README.md"))) {
            if (line.startsWith("| `") || line.startsWith("| the ")) {
                QUOTED.matcher(line.split("\\|")[number + 1])
                        .results()
                        .map(MatchResult::group)
                        .forEach(cell -> found.add(cell.substring(1, cell.length() - 1)));
            }
        }
        return found;
    }
}
