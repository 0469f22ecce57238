package org.reft4j.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.FolderLock;
import org.reft4j.server.store.SqliteCopy;

/**
 * A copy of a folder that others write to. Names are taken in their order, so that a run's checkpoints come before its records, as if it had
 * been killed in between; folders that leave meanwhile, such as old checkpoints, are in the copy whole or not at all. Files that are one file
 * by several names stay that. Copied again, it takes what has changed.
 */
final class FolderCopy {
    private static final int BUFFER = 1 << 20;
    private static final int TRIES = 50;
    private static final long PAUSE_MS = 100;
    /** Ends the names of what is not there yet or not any more; they begin with a dot. */
    private static final List<String> PASSING = List.of(".tmp", ".part", ".deleted", ".old");

    private final Path from;
    private final Path to;
    private final Runnable progress;
    private final Map<Path, Stamp> taken = new HashMap<>();
    private final Map<Stamp, Path> links = new HashMap<>();
    private final TreeMap<String, String> sums = new TreeMap<>();
    private final byte[] buffer = new byte[BUFFER];
    private long bytes;

    /** A state of a file: another one is copied again. */
    private record Stamp(Object key, long size, long modified) {
        static Stamp of(BasicFileAttributes attributes, Path file) {
            Object key = attributes.fileKey();
            return new Stamp(
                    key == null ? file : key,
                    attributes.size(),
                    attributes.lastModifiedTime().toMillis());
        }
    }

    /** @param progress called now and then */
    FolderCopy(Path from, Path to, Runnable progress) {
        this.from = from;
        this.to = to;
        this.progress = progress;
    }

    int files() {
        return sums.size();
    }

    long bytes() {
        return bytes;
    }

    /**
     * Copies what is new or has changed below a folder.
     *
     * @param name of the folder, with slashes; empty for all
     * @param wanted false for files and folders, by their name with slashes, that are left out
     */
    void take(String name, Predicate<String> wanted) throws IOException {
        if (Files.isDirectory(from.resolve(name))) {
            folder(from.resolve(name), wanted);
        }
    }

    /** True if the copy has it. */
    boolean has(String name) {
        return Files.exists(to.resolve(name));
    }

    /** The SHA-256 digests of what was copied by name, with slashes; a database's is that of its copy. */
    Map<String, String> sums() throws IOException {
        TreeMap<String, String> all = new TreeMap<>(sums);
        for (Map.Entry<String, String> each : all.entrySet()) {
            if (each.getValue().isEmpty()) {
                each.setValue(digest(to.resolve(each.getKey())));
            }
        }
        return all;
    }

    /** Forgets what was taken out of the copy. */
    void drop(String name) throws IOException {
        DurableFiles.deleteTree(to.resolve(name));
        sums.keySet().removeIf(each -> each.equals(name) || each.startsWith(name + "/"));
        taken.keySet().removeIf(each -> each.startsWith(from.resolve(name)));
    }

    private String name(Path file) {
        return from.relativize(file).toString().replace('\\', '/');
    }

    private void folder(Path folder, Predicate<String> wanted) throws IOException {
        Files.createDirectories(to.resolve(name(folder)));
        for (int i = 0; i < TRIES && !once(folder, wanted) && Files.exists(folder); i++) {
            // Something in it went away: soon all of it will have, or its name was taken by something new.
            pause();
        }
        if (!Files.exists(folder)) {
            drop(name(folder));
        }
    }

    /** Copies what is in a folder now; false if some of it went away meanwhile. */
    private boolean once(Path folder, Predicate<String> wanted) throws IOException {
        boolean whole = true;
        for (Path each : listed(folder)) {
            if (passing(each) || !wanted.test(name(each))) {
                continue;
            }
            try {
                BasicFileAttributes attributes = Files.readAttributes(each, BasicFileAttributes.class);
                if (attributes.isDirectory()) {
                    folder(each, wanted);
                } else if (attributes.isRegularFile()) {
                    file(each, attributes);
                }
            } catch (NoSuchFileException e) {
                whole = false;
            }
        }
        return whole;
    }

    private static List<Path> listed(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(all::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        all.sort(null);
        return all;
    }

    private static boolean passing(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.equals(FolderLock.FILE)
                || (name.startsWith(".") && PASSING.stream().anyMatch(name::endsWith));
    }

    private void file(Path file, BasicFileAttributes attributes) throws IOException {
        Path main = beside(file).orElse(file);
        if (!main.equals(file) && Files.exists(main) && SqliteCopy.isDatabase(main)) {
            return; // a part of the database, which is copied as one
        }
        boolean database = attributes.size() > 0 && SqliteCopy.isDatabase(file);
        Stamp stamp = database ? stamp(file, attributes) : Stamp.of(attributes, file);
        if (stamp.equals(taken.get(file))) {
            return;
        }
        Path target = to.resolve(name(file));
        Path same = links.get(stamp);
        if (database) {
            SqliteCopy.copy(file, target);
            sums.put(name(file), "");
        } else if (same != null && Files.exists(same) && linked(same, target)) {
            sums.put(
                    name(file), sums.getOrDefault(to.relativize(same).toString().replace('\\', '/'), ""));
        } else {
            sums.put(name(file), copied(file, target));
            links.put(stamp, target);
        }
        taken.put(file, stamp);
        bytes += Files.size(target);
        progress.run();
    }

    /** The database whose log or index a file is. */
    private static Optional<Path> beside(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith("-wal") || name.endsWith("-shm") || name.endsWith("-journal")
                ? Optional.of(file.resolveSibling(name.substring(0, name.lastIndexOf('-'))))
                : Optional.empty();
    }

    /** The stamp of a database with that of its log, where the newest rows may stand alone. */
    private static Stamp stamp(Path file, BasicFileAttributes attributes) throws IOException {
        Stamp main = Stamp.of(attributes, file);
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        try {
            BasicFileAttributes more = Files.readAttributes(log, BasicFileAttributes.class);
            return new Stamp(
                    main.key(),
                    main.size() + more.size(),
                    Math.max(main.modified(), more.lastModifiedTime().toMillis()));
        } catch (NoSuchFileException e) {
            return main;
        }
    }

    private static boolean linked(Path same, Path target) throws IOException {
        try {
            Files.deleteIfExists(target);
            Files.createLink(target, same);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    private String copied(Path file, Path target) throws IOException {
        // Not into a file that has other names.
        Files.deleteIfExists(target);
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file);
                FileChannel out = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                digest.update(buffer, 0, got);
                DurableFiles.writeFully(out, ByteBuffer.wrap(buffer, 0, got));
                progress.run();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String digest(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] piece = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
                digest.update(piece, 0, got);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
