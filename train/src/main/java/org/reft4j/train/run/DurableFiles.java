package org.reft4j.train.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Files that are either there as a whole or not at all, whenever the power goes. */
public final class DurableFiles {
    /** Marks what is being written; whatever carries it after a crash is rubbish. */
    static final String TEMPORARY = ".tmp";

    private static final boolean FOLDERS_CAN_BE_FLUSHED =
            !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");

    private DurableFiles() {}

    /** Replaces {@code file}: written beside, flushed, renamed. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces {@code file}: written beside, flushed, renamed. */
    static void write(Path file, byte[] bytes) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + TEMPORARY);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            rename(temporary, file);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    /** Makes or replaces a folder: filled beside, flushed, renamed. One that is replaced is gone for a moment. */
    public static void writeFolder(Path folder, Run.Contents contents) throws IOException {
        Path temporary = folder.resolveSibling("." + folder.getFileName() + TEMPORARY);
        deleteTree(temporary);
        Files.createDirectories(temporary);
        contents.write(temporary);
        flushTree(temporary);
        deleteTree(folder);
        rename(temporary, folder);
    }

    /** Renames within one folder, replacing a file of that name, and flushes the folder so that the new name survives. */
    static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path parent = to.toAbsolutePath().getParent();
        if (parent != null) {
            flushFolder(parent);
        }
    }

    /** Flushes one file to the disk. */
    static void flush(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Flushes every file and folder below {@code root}, and itself, to the disk. */
    static void flushTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                flush(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                flushFolder(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Deletes {@code root} and everything below it, if it is there. Does not follow links. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void flushFolder(Path folder) throws IOException {
        // Windows cannot open a folder as a file, and writes renames through its journal.
        if (FOLDERS_CAN_BE_FLUSHED) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
