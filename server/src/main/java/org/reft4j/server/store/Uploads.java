package org.reft4j.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.random.Secrets;

/** The files that arrive in parts. An upload has an hour; parts lie in a folder of its own until it becomes a file or ends. */
public final class Uploads {
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final int BUFFER = 1 << 16;

    private final Jdbi jdbi;
    private final Path folder;
    private final Room room;
    private final StoredFiles files;

    public Uploads(Database database, Path folder, Room room, StoredFiles files) throws IOException {
        this.jdbi = database.jdbi();
        this.folder = Files.createDirectories(folder);
        this.room = room;
        this.files = files;
    }

    /** A part of an upload. */
    public record Part(String id, String uploadId, long bytes, long createdMs) {}

    /** The file that an upload became, or why it did not. */
    public sealed interface Completion {
        record Done(StoredFile file) implements Completion {}

        /** @param param the field at fault */
        record Refused(@Nullable String param, String why) implements Completion {}
    }

    /** Begins an upload. */
    public Upload create(String project, String filename, String purpose, long bytes, @Nullable Long fileSeconds)
            throws IOException {
        room.requireQuota(files.used(project) + bytes);
        room.requireDisk(folder, bytes);
        long now = System.currentTimeMillis();
        Upload upload = new Upload(
                Secrets.id("upload_"),
                project,
                filename,
                purpose,
                bytes,
                Upload.PENDING,
                now,
                now + LIFETIME.toMillis(),
                fileSeconds,
                null);
        jdbi.useHandle(handle -> handle.execute(
                """
                INSERT INTO uploads (id, project, filename, purpose, bytes, status, created_ms, expires_ms, file_seconds)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                upload.id(),
                project,
                filename,
                purpose,
                bytes,
                upload.status(),
                now,
                upload.expiresMs(),
                fileSeconds));
        return upload;
    }

    public Optional<Upload> find(String project, String id) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT * FROM uploads WHERE id = :id AND project = :project")
                        .bind("id", id)
                        .bind("project", project)
                        .map(Upload::read)
                        .findOne());
    }

    /** Bytes that are to become a part. */
    public Incoming receive(Upload upload) throws IOException {
        return Incoming.into(
                Files.createDirectories(folder.resolve(upload.id())), room, files.used(upload.project(), upload.id()));
    }

    public Part add(Upload upload, Incoming bytes) throws IOException {
        Part part = new Part(Secrets.id("part_"), upload.id(), bytes.written(), System.currentTimeMillis());
        bytes.keep(part.id());
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO upload_parts (id, upload_id, bytes, created_ms) VALUES (?, ?, ?, ?)",
                part.id(),
                part.uploadId(),
                part.bytes(),
                part.createdMs()));
        return part;
    }

    /** Bytes of all parts so far. */
    public long received(Upload upload) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT COALESCE(SUM(bytes), 0) FROM upload_parts WHERE upload_id = :id")
                        .bind("id", upload.id())
                        .mapTo(Long.class)
                        .one());
    }

    /**
     * Puts the parts together.
     *
     * @param md5 digest of the whole in hexadecimal digits, if the client gave one
     */
    public Completion complete(Upload upload, List<String> parts, @Nullable String md5) throws IOException {
        List<String> known =
                jdbi.withHandle(handle -> handle.createQuery("SELECT id FROM upload_parts WHERE upload_id = :id")
                        .bind("id", upload.id())
                        .mapTo(String.class)
                        .list());
        for (String part : parts) {
            if (!known.contains(part)) {
                return new Completion.Refused("part_ids", "The upload " + upload.id() + " has no part " + part + ".");
            }
        }
        try (Incoming whole = files.receive(upload)) {
            String digest = copied(upload, parts, whole);
            if (whole.written() != upload.bytes()) {
                return new Completion.Refused(
                        "part_ids",
                        "The parts have " + whole.written() + " bytes; the upload was announced with " + upload.bytes()
                                + ".");
            }
            if (md5 != null && !md5.equalsIgnoreCase(digest)) {
                return new Completion.Refused("md5", "The parts have the MD5 digest " + digest + ", not " + md5 + ".");
            }
            return kept(upload, whole);
        }
    }

    private Completion kept(Upload upload, Incoming whole) throws IOException {
        StoredFile file = StoredFiles.made(
                upload.project(), upload.filename(), upload.purpose(), upload.fileSeconds(), whole.written());
        whole.keep(file.id());
        boolean first = jdbi.inTransaction(handle -> {
            int rows = handle.execute(
                    "UPDATE uploads SET status = 'completed', file_id = ? WHERE id = ? AND status = 'pending'",
                    file.id(),
                    upload.id());
            if (rows == 1) {
                StoredFiles.insert(handle, file);
            }
            return rows == 1;
        });
        if (!first) {
            Files.deleteIfExists(files.path(file));
            return new Completion.Refused(null, "The upload " + upload.id() + " is no longer pending.");
        }
        DurableFiles.deleteTree(folder.resolve(upload.id()));
        return new Completion.Done(file);
    }

    private String copied(Upload upload, List<String> parts, Incoming whole) throws IOException {
        MessageDigest digest = md5();
        for (String part : parts) {
            try (InputStream in = new DigestInputStream(
                    Files.newInputStream(folder.resolve(upload.id()).resolve(part)), digest)) {
                byte[] buffer = new byte[BUFFER];
                for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                    whole.write(buffer, 0, got);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /** Ends an upload; false if it is not pending. */
    public boolean cancel(Upload upload) throws IOException {
        int rows = jdbi.withHandle(handle -> handle.execute(
                "UPDATE uploads SET status = 'cancelled' WHERE id = ? AND status = 'pending' AND expires_ms > ?",
                upload.id(),
                System.currentTimeMillis()));
        if (rows == 1) {
            DurableFiles.deleteTree(folder.resolve(upload.id()));
        }
        return rows == 1;
    }

    /** Ends what has expired and deletes parts that nobody needs. */
    public void sweep() throws IOException {
        jdbi.useHandle(handle -> handle.execute(
                "UPDATE uploads SET status = 'expired' WHERE status = 'pending' AND expires_ms <= ?",
                System.currentTimeMillis()));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                if (!pending(String.valueOf(each.getFileName()))) {
                    DurableFiles.deleteTree(each);
                }
            }
        }
    }

    private boolean pending(String id) {
        return jdbi.withHandle(handle -> handle.createQuery(
                                "SELECT count(*) FROM uploads WHERE id = :id AND status = 'pending'")
                        .bind("id", id)
                        .mapTo(Integer.class)
                        .one())
                > 0;
    }
}
