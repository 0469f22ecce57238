package org.reft4j.ground.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    @TempDir
    Path folder;

    @Test
    void failureLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("a.txt");
        DurableFiles.write(file, "old");
        IOException failure = assertThrows(
                IOException.class,
                () -> DurableFiles.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[] {1, 2}));
                    throw new IOException("No space left on device");
                }));
        assertEquals("No space left on device", failure.getMessage());
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    /** Another process that writes the same file has a name of its own aside, and the last rename wins. */
    @Test
    void twoWritersOfOneFileDoNotMix() throws IOException {
        Path file = folder.resolve("a.txt");
        DurableFiles.write(file, channel -> {
            DurableFiles.writeFully(channel, ByteBuffer.wrap("fir".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            DurableFiles.write(file, "second, and longer");
            DurableFiles.writeFully(channel, ByteBuffer.wrap("st".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        });
        assertEquals("first", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void interruptionLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("a.txt");
        DurableFiles.write(file, "old");
        Thread.currentThread().interrupt();
        assertThrows(IOException.class, () -> DurableFiles.write(file, "new"));
        assertTrue(Thread.interrupted());
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void leftoversOfCrashesAreKnownAndCleared() throws IOException {
        Files.writeString(folder.resolve("a.txt"), "kept");
        Files.writeString(DurableFiles.beside(folder.resolve("a.txt")), "hal");
        Files.writeString(folder.resolve(".a.txt.tmp"), "hal"); // as earlier versions called it
        Files.createDirectories(folder.resolve(".b.tmp").resolve("inner"));
        Files.writeString(folder.resolve(".hidden"), "kept");
        Files.writeString(folder.resolve("b.tmp"), "kept");
        DurableFiles.clearLeftovers(folder);
        assertEquals(List.of(".hidden", "a.txt", "b.tmp"), names());
        assertFalse(DurableFiles.isLeftover(folder.resolve("b.tmp")));
    }

    @Test
    void folderIsLockedOnce() throws IOException {
        try (FolderLock _ = FolderLock.take(folder)) {
            FolderLock.HeldException held = assertThrows(FolderLock.HeldException.class, () -> FolderLock.take(folder));
            assertEquals(ProcessHandle.current().pid() + " (this one)", held.owner());
        }
        FolderLock.take(folder).close();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
