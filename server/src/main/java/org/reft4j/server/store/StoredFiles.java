package org.reft4j.server.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.random.Secrets;

/**
 * The files: a row each, and the bytes under the row's id in a folder. Bytes are whole before their row is there, and the row is gone before
 * they are, so that a crash leaves at most bytes that nobody knows, which {@link #sweep} deletes.
 */
public final class StoredFiles {
    private static final Duration FORGOTTEN = Duration.ofHours(1);
    private static final String ALIVE = " AND (expires_ms IS NULL OR expires_ms > :now)";

    private final Jdbi jdbi;
    private final Path folder;
    private final Room room;

    /** @param folder holds the bytes; made if it is not there */
    public StoredFiles(Database database, Path folder, Room room) throws IOException {
        this.jdbi = database.jdbi();
        this.folder = Files.createDirectories(folder);
        this.room = room;
    }

    /**
     * A page of a project's files.
     *
     * @param after the last file of the page before
     */
    public record Asked(@Nullable String purpose, @Nullable StoredFile after, int limit, boolean oldestFirst) {}

    /** Bytes that are to become a file of a project; hand them to {@link #add} when they are whole, and close them in any case. */
    public Incoming receive(String project) throws IOException {
        return Incoming.into(folder, room, used(project));
    }

    /** The same of a file that arrived in parts, which count already. */
    Incoming receive(Upload upload) throws IOException {
        return Incoming.into(folder, room, used(upload.project(), upload.id()));
    }

    /**
     * Keeps a file.
     *
     * @param lifetime seconds until it is deleted by itself; null for never
     */
    public StoredFile add(String project, String filename, String purpose, @Nullable Long lifetime, Incoming bytes)
            throws IOException {
        // Others of the project may have arrived meanwhile.
        room.requireQuota(used(project) + bytes.written());
        StoredFile file = made(project, filename, purpose, lifetime, bytes.written());
        bytes.keep(file.id());
        jdbi.useHandle(handle -> insert(handle, file));
        return file;
    }

    /** Keeps a copy of a file that the server made, such as the metrics of a job; {@link LeasedJob#results} makes it known. */
    public StoredFile copy(String project, String filename, String purpose, Path source) throws IOException {
        try (Incoming bytes = Incoming.into(folder, room, 0)) {
            Files.copy(source, bytes);
            StoredFile file = made(project, filename, purpose, null, bytes.written());
            bytes.keep(file.id());
            return file;
        }
    }

    /** Replaces the bytes of a file that the server made and still writes. */
    public void rewrite(String id, Path source) throws IOException {
        DurableFiles.write(path(id), Files.readAllBytes(source));
        jdbi.useHandle(handle -> handle.execute("UPDATE files SET bytes = ? WHERE id = ?", Files.size(path(id)), id));
    }

    static StoredFile made(String project, String filename, String purpose, @Nullable Long lifetime, long bytes) {
        long now = System.currentTimeMillis();
        return new StoredFile(
                Secrets.id("file-"),
                project,
                filename,
                purpose,
                bytes,
                now,
                lifetime == null ? null : now + lifetime * 1000);
    }

    static void insert(Handle handle, StoredFile file) {
        handle.createUpdate("""
                        INSERT INTO files (id, project, filename, purpose, bytes, created_ms, expires_ms)
                        VALUES (:id, :project, :filename, :purpose, :bytes, :created, :expires)""")
                .bind("id", file.id())
                .bind("project", file.project())
                .bind("filename", file.filename())
                .bind("purpose", file.purpose())
                .bind("bytes", file.bytes())
                .bind("created", file.createdMs())
                .bind("expires", file.expiresMs())
                .execute();
    }

    /** A file of a project, unless it has expired. */
    public Optional<StoredFile> find(String project, String id) {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT * FROM files WHERE id = :id AND project = :project" + ALIVE)
                        .bind("id", id)
                        .bind("project", project)
                        .bind("now", System.currentTimeMillis())
                        .map(StoredFile::read)
                        .findOne());
    }

    /** The bytes of a file. */
    public Path path(StoredFile file) {
        return path(file.id());
    }

    private Path path(String id) {
        return folder.resolve(id);
    }

    /** A page of files, the newest first or the oldest. */
    public Page<StoredFile> list(String project, Asked asked) {
        StoredFile after = asked.after();
        String compare = asked.oldestFirst() ? ">" : "<";
        String order = asked.oldestFirst() ? "ASC" : "DESC";
        String sql = "SELECT * FROM files WHERE project = :project" + ALIVE
                + (asked.purpose() == null ? "" : " AND purpose = :purpose")
                + (after == null ? "" : " AND (created_ms, id) " + compare + " (:created, :after)")
                + " ORDER BY created_ms " + order + ", id " + order + " LIMIT :limit";
        return jdbi.withHandle(handle -> {
            Query query = handle.createQuery(sql)
                    .bind("project", project)
                    .bind("now", System.currentTimeMillis())
                    .bind("limit", asked.limit() + 1);
            if (asked.purpose() != null) {
                query.bind("purpose", asked.purpose());
            }
            if (after != null) {
                query.bind("created", after.createdMs()).bind("after", after.id());
            }
            return Page.of(query.map(StoredFile::read).list(), asked.limit());
        });
    }

    /** Deletes a file of a project; false if there is none. */
    public boolean delete(String project, String id) throws IOException {
        int rows = jdbi.withHandle(
                handle -> handle.execute("DELETE FROM files WHERE id = ? AND project = ?", id, project));
        if (rows > 0) {
            Files.deleteIfExists(path(id));
        }
        return rows > 0;
    }

    /** Bytes of all files of a project, and of those that are announced and still arrive. */
    public long used(String project) {
        return used(project, "");
    }

    /** @param but an upload that does not count */
    long used(String project, String but) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        SELECT COALESCE((SELECT SUM(bytes) FROM files WHERE project = :project), 0)
                            + COALESCE((SELECT SUM(bytes) FROM uploads WHERE project = :project AND status = 'pending'
                                AND expires_ms > :now AND id <> :but), 0)""")
                .bind("project", project)
                .bind("now", System.currentTimeMillis())
                .bind("but", but)
                .mapTo(Long.class)
                .one());
    }

    /** Deletes what has expired, and what crashes left. */
    public void sweep() throws IOException {
        long now = System.currentTimeMillis();
        List<StoredFile> expired =
                jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM files WHERE expires_ms <= :now")
                        .bind("now", now)
                        .map(StoredFile::read)
                        .list());
        for (StoredFile each : expired) {
            delete(each.project(), each.id());
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                boolean old = Files.getLastModifiedTime(each).toMillis() < now - FORGOTTEN.toMillis();
                if (old && (DurableFiles.isLeftover(each) || unknown(String.valueOf(each.getFileName())))) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    private boolean unknown(String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT count(*) FROM files WHERE id = :id")
                        .bind("id", id)
                        .mapTo(Integer.class)
                        .one())
                == 0;
    }
}
