package org.reft4j.ground.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFoldersTest {
    @TempDir
    Path base;

    @Test
    void newFolderTakesThePlaceOfTheOldOne() throws IOException {
        Path folder = base.resolve("x");
        replace("old");
        Files.writeString(folder.resolve("stale"), "");
        DurableFolders.replace(folder, aside -> {
            assertEquals("old", content(), "the old one is whole while the new one is written");
            Files.writeString(aside.resolve("content"), "new");
        });
        assertEquals("new", content());
        assertFalse(Files.exists(folder.resolve("stale")));
        assertEquals(List.of("x"), names());
    }

    /** The content's own failure comes through, whichever way it was thrown. */
    @Test
    void failureLeavesTheOldFolder() throws IOException {
        replace("old");
        IOException full = new IOException("No space left on device");
        assertEquals(
                full,
                assertThrows(
                        IOException.class,
                        () -> DurableFolders.replace(base.resolve("x"), aside -> {
                            Files.writeString(aside.resolve("content"), "ne");
                            throw new UncheckedIOException(full);
                        })));
        assertThrows(
                IllegalStateException.class,
                () -> DurableFolders.replace(base.resolve("x"), _ -> {
                    throw new IllegalStateException("stopped");
                }));
        assertEquals("old", content());
        assertEquals(List.of("x"), names());
    }

    /** The states that a crash can leave behind, one for each step of a replacement. */
    @Test
    void everyInterruptedReplacementIsBroughtToItsEnd() throws IOException {
        replace("old");
        made(".x.part", "ne");
        assertEquals("old", recovered(), "cut off while writing");
        replace("old");
        assertEquals(List.of("x"), names(), "the half-written folder is cleared away");
        made(".x.new", "new");
        assertEquals("new", recovered(), "cut off with both whole");
        made(".x.new", "newer");
        Files.move(base.resolve("x"), base.resolve(".x.old"));
        assertEquals("newer", recovered(), "cut off between the renames");
        made(".x.old", "new");
        assertEquals("newer", recovered(), "cut off before clearing up");
        Files.move(base.resolve("x"), base.resolve(".x.old"));
        assertEquals("newer", recovered(), "the old one alone comes back");
        assertEquals(List.of("x"), names());
    }

    private void replace(String content) throws IOException {
        DurableFolders.replace(base.resolve("x"), aside -> Files.writeString(aside.resolve("content"), content));
    }

    private void made(String name, String content) throws IOException {
        Files.writeString(Files.createDirectories(base.resolve(name)).resolve("content"), content);
    }

    private String recovered() throws IOException {
        DurableFolders.recover(base.resolve("x"));
        return content();
    }

    private String content() throws IOException {
        return Files.readString(base.resolve("x").resolve("content"));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(base)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
