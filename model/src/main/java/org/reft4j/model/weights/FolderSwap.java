package org.reft4j.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Replaces a folder by a new one so that at every instant the old or the new one is whole on disk, and the next to open or replace it
 * finds it. A folder {@code x} goes through these names, all beside it: {@code .x.part} while it is written, {@code .x.new} once it is
 * whole, and {@code .x.old} for the one it replaces. One writer at a time.
 */
final class FolderSwap {
    private FolderSwap() {}

    /** Fills an empty folder. */
    interface Content {
        void writeTo(Path folder) throws IOException;
    }

    static void replace(Path folder, Content content) {
        Path target = folder.toAbsolutePath().normalize();
        recover(target);
        Path part = beside(target, "part");
        Path whole = beside(target, "new");
        try {
            Durable.delete(part);
            Files.createDirectories(part);
            content.writeTo(part);
            Durable.forceAll(part);
            Durable.rename(part, whole);
            finish(target);
        } catch (IOException e) {
            discard(part, e);
            throw Durable.unwritten(target, e);
        } catch (UncheckedIOException e) {
            discard(part, e);
            throw Durable.unwritten(target, Objects.requireNonNullElseGet(e.getCause(), () -> new IOException(e)));
        } catch (RuntimeException e) {
            discard(part, e);
            throw e;
        }
    }

    /** Brings a replacement to its end that a crash cut off, or takes it back where the new folder was not whole yet. */
    static void recover(Path folder) {
        Path target = folder.toAbsolutePath().normalize();
        if (target.getParent() == null) {
            return;
        }
        try {
            if (Files.exists(beside(target, "new"))) {
                finish(target);
            } else if (Files.exists(beside(target, "old"))) {
                if (Files.exists(target)) {
                    Durable.delete(beside(target, "old"));
                } else {
                    Durable.rename(beside(target, "old"), target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    target + ": an interrupted replacement cannot be brought to its end (" + e.getMessage()
                            + "). Check permissions, or rename " + beside(target, "new") + " by hand",
                    e);
        }
    }

    /** Finishes a swap, once {@code .x.new} exists. */
    private static void finish(Path target) throws IOException {
        Path old = beside(target, "old");
        if (Files.exists(target)) {
            // Left from a replacement that was interrupted just before its last step.
            Durable.delete(old);
            Durable.rename(target, old);
        }
        try {
            Durable.rename(beside(target, "new"), target);
        } catch (NoSuchFileException e) {
            // A reader that found no folder just now has taken this step for us.
            if (!Files.exists(target)) {
                throw e;
            }
        }
        Durable.delete(old);
    }

    private static Path beside(Path target, String suffix) {
        return Durable.parent(target).resolve("." + target.getFileName() + "." + suffix);
    }

    private static void discard(Path part, Exception failure) {
        try {
            Durable.delete(part);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
