package org.reft4j.ground.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Replacement of a folder by a new one so that at every instant the old or the new one is whole on disk, and the next to open or
 * replace it finds it. A folder {@code x} goes through these names, all beside it: {@code .x.part} while it is written, {@code .x.new}
 * once it is whole, and {@code .x.old} for the one it replaces. One writer at a time.
 */
public final class DurableFolders {
    private static final String PART = "part";
    private static final String NEW = "new";
    private static final String OLD = "old";

    private DurableFolders() {}

    /** Fills an empty folder. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path folder) throws IOException;
    }

    /**
     * Makes a folder, or puts a new one in place of one that is there.
     *
     * @throws IOException if the content or the disk fails; what was there is unchanged then
     */
    public static void replace(Path folder, Content content) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        recover(target);
        Path part = beside(target, PART);
        try {
            DurableFiles.deleteTree(part);
            Files.createDirectories(part);
            content.writeTo(part);
            DurableFiles.flushTree(part);
            if (Files.exists(target)) {
                DurableFiles.rename(part, beside(target, NEW));
                finish(target);
            } else {
                DurableFiles.rename(part, target);
            }
        } catch (IOException e) {
            discard(part, e);
            throw e;
        } catch (UncheckedIOException e) {
            discard(part, e);
            throw Objects.requireNonNullElseGet(e.getCause(), () -> new IOException(e));
        } catch (RuntimeException e) {
            discard(part, e);
            throw e;
        }
    }

    /** Brings a replacement to its end that a crash cut off, or takes it back where the new folder was not whole yet. */
    public static void recover(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        if (target.getParent() == null) {
            return;
        }
        if (Files.exists(beside(target, NEW))) {
            finish(target);
        } else if (Files.exists(beside(target, OLD))) {
            if (Files.exists(target)) {
                DurableFiles.deleteTree(beside(target, OLD));
            } else {
                DurableFiles.rename(beside(target, OLD), target);
            }
        }
    }

    /** The name of a new folder that is whole and has not its place yet, for messages. */
    public static Path whole(Path folder) {
        return beside(folder.toAbsolutePath().normalize(), NEW);
    }

    /** From the moment that {@code .x.new} exists. */
    private static void finish(Path target) throws IOException {
        Path old = beside(target, OLD);
        if (Files.exists(target)) {
            // Left from a replacement that was interrupted just before its last step.
            DurableFiles.deleteTree(old);
            DurableFiles.rename(target, old);
        }
        try {
            DurableFiles.rename(beside(target, NEW), target);
        } catch (NoSuchFileException e) {
            // A reader that found no folder just now has taken this step for us.
            if (!Files.exists(target)) {
                throw e;
            }
        }
        DurableFiles.deleteTree(old);
    }

    private static Path beside(Path target, String suffix) {
        if (target.getParent() == null) {
            throw new IllegalArgumentException(target + " is the root of a file system; expected a path below it");
        }
        return target.resolveSibling("." + target.getFileName() + "." + suffix);
    }

    private static void discard(Path part, Exception failure) {
        try {
            DurableFiles.deleteTree(part);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
