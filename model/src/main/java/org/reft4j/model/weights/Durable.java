package org.reft4j.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.DurableFolders;

/** Durable writing of models' files and folders, with one failure: nothing was changed, and why. */
public final class Durable {
    private Durable() {}

    /** Puts a file with this content in place of {@code file}, whose folder is made where it is missing. */
    public static void write(Path file, DurableFiles.Content content) {
        Path target = file.toAbsolutePath();
        try {
            Files.createDirectories(parent(target));
            DurableFiles.write(target, content);
        } catch (IOException e) {
            throw unwritten(target, e);
        }
    }

    /** Puts a folder with this content in place of {@code folder}. */
    public static void replace(Path folder, DurableFolders.Content content) {
        Path target = folder.toAbsolutePath().normalize();
        recover(target);
        try {
            DurableFolders.replace(target, content);
        } catch (IOException e) {
            throw unwritten(target, e);
        }
    }

    /** Brings a replacement to its end that a crash cut off. */
    public static void recover(Path folder) {
        try {
            DurableFolders.recover(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    folder.toAbsolutePath().normalize() + ": an interrupted replacement cannot be brought to its end ("
                            + e.getMessage() + "). Check permissions, or rename " + DurableFolders.whole(folder)
                            + " by hand",
                    e);
        }
    }

    /** Fails before anything is written where the file system has less room than {@code bytes}. */
    public static void requireSpace(Path path, long bytes) {
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

    private static Path parent(Path absolute) {
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(absolute + " is the root of a file system; expected a path below it");
        }
        return parent;
    }

    private static UncheckedIOException unwritten(Path path, IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new UncheckedIOException(
                path + ": cannot be written (" + reason
                        + "); what was there is unchanged. Check free space and permissions",
                cause);
    }
}
