package org.reft4j.train.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/** A run's folder cannot be read or written, is damaged, or belongs to another process. The message names the file and what to do. */
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunException(String message) {
        super(message);
    }

    public RunException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * An exception whose message explains an I/O error about {@code file}: several exceptions of the JDK have only a path as their message.
     */
    static RunException of(String what, Path file, IOException cause) {
        return new RunException(what + " " + file + ": " + words(cause), cause);
    }

    /** The reason in words, without the name of an exception class where there is a message. */
    static String words(Throwable cause) {
        return switch (cause) {
            case UncheckedIOException unchecked
            when unchecked.getCause() != null -> words(Objects.requireNonNull(unchecked.getCause()));
            case NoSuchFileException missing -> "no such file (" + missing.getFile() + ")";
            case AccessDeniedException denied -> "no permission (" + denied.getFile() + ")";
            case NotDirectoryException file -> "not a folder (" + file.getFile() + ")";
            case FileAlreadyExistsException exists -> "a file is in the way (" + exists.getFile() + ")";
            default -> {
                String message = cause.getMessage();
                yield message == null ? cause.getClass().getSimpleName() : message;
            }
        };
    }
}
