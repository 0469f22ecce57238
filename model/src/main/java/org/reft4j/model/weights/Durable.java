package org.reft4j.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

/** Writing so that a crash or a full disk leaves the old state or the new one: beside, forced to the disk, renamed. */
final class Durable {
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    private Durable() {}

    /** Writes the bytes of a file. */
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Puts a file with this content in place of {@code file}, or leaves everything as it was and fails. */
    static void write(Path file, Content content) {
        Path target = file.toAbsolutePath();
        Path folder = parent(target);
        // Not createTempFile: its files are readable by their owner alone, and would stay so.
        Path aside = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            Files.createDirectories(folder);
            try (FileChannel channel =
                    FileChannel.open(aside, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(folder);
        } catch (IOException e) {
            throw unwritten(target, e);
        } finally {
            deleteQuietly(aside);
        }
    }

    /** Fails before anything is written where the file system has less room than {@code bytes}. */
    static void requireSpace(Path path, long bytes) {
        Path folder = path.toAbsolutePath();
        while (!Files.isDirectory(folder)) {
            folder = parent(folder);
        }
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw unwritten(
                        path,
                        new IOException("it takes " + (bytes >> 20) + " MiB and " + (free >> 20) + " MiB are free"));
            }
        } catch (IOException e) {
            throw unwritten(path, e);
        }
    }

    /** Forces a folder and every file in it to the disk. */
    static void forceAll(Path folder) throws IOException {
        for (Path file : list(folder)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        forceFolder(folder);
    }

    /** Forces the entries of a folder to the disk, where the system can: on Windows a folder cannot be opened. */
    static void forceFolder(Path folder) throws IOException {
        if (!WINDOWS) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Renames within one file system; {@code to} does not exist. */
    static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(parent(to));
    }

    /** Deletes a file or a folder with what is in it. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(path)) {
            for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    /** The folder of an absolute path. */
    static Path parent(Path absolute) {
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(absolute + " is the root of a file system; expected a path below it");
        }
        return parent;
    }

    /** The one failure of writing: nothing was changed. */
    static UncheckedIOException unwritten(Path path, IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new UncheckedIOException(
                path + ": cannot be written (" + reason
                        + "); what was there is unchanged. Check free space and permissions",
                cause);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The failure that brought us here is the one to report; a leftover .part file is harmless.
            return;
        }
    }
}
