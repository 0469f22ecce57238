package org.reft4j.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.DurableFolders;
import org.reft4j.server.store.SqliteCopy;

/**
 * A copy of a data folder, made while its server runs, from which a server can start as if this one had been killed at the moment of the
 * copy.
 *
 * <p>Files come first, then the database, then the files that came meanwhile: so that whatever a row names is there, and no run is ahead of
 * its job's row. Rows whose files were deleted while they were copied are deleted in the copy too.
 */
public final class Backup {
    /** The digests of all files of a copy, as {@code sha256sum --check} reads them. */
    public static final String SUMS = "SHA256SUMS";

    static final String DATABASE = "reft.db";
    static final String DUMP = "reft.pgdump";
    private static final String RESULTS = "fine-tune-results";

    private final Path data;
    private final ServerSettings settings;
    private final List<String> remarks = new ArrayList<>();

    private Backup(Path data, ServerSettings settings) {
        this.data = data.toAbsolutePath().normalize();
        this.settings = settings;
    }

    /**
     * A copy that was made and found whole.
     *
     * @param remarks for the operator, a sentence each
     */
    public record Made(Path copy, int files, long bytes, List<String> remarks) {}

    /**
     * Makes a copy and checks it.
     *
     * @param copy the folder to make; it may be there if it is empty
     * @param progress told the bytes so far, now and then
     * @throws ServerException if it cannot be made; nothing of it is left
     */
    public static Made make(Path data, ServerSettings settings, Path copy, LongConsumer progress) {
        Backup backup = new Backup(data, settings);
        Path target = copy.toAbsolutePath().normalize();
        backup.require(target);
        FolderCopy[] made = new FolderCopy[1];
        try {
            Files.createDirectories(target.getParent());
            Files.deleteIfExists(target);
            DurableFolders.replace(target, aside -> made[0] = backup.fill(aside, progress));
        } catch (IOException e) {
            throw new ServerException(
                    "the copy cannot be made: " + words(e) + "; nothing of it was kept at " + copy, e);
        }
        return new Made(target, made[0].files(), made[0].bytes(), List.copyOf(backup.remarks));
    }

    private static String words(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private void require(Path target) {
        if (!Files.isDirectory(data)) {
            throw new ServerException(data + " is not there; --data names the data folder of a server");
        }
        if (settings.database() == null && !Files.exists(data.resolve(DATABASE))) {
            throw new ServerException(data + " has no " + DATABASE
                    + ", so it is no data folder of a server; for one with PostgreSQL name its settings by --config");
        }
        if (target.startsWith(data) || data.startsWith(target)) {
            throw new ServerException(target + " and " + data
                    + " lie in one another; choose a folder beside the data, best on another disk, with --to");
        }
        if (target.getParent() == null) {
            throw new ServerException(target + " is no folder that can be made; choose another with --to");
        }
        if (Files.exists(target) && !empty(target)) {
            throw new ServerException(target + " is there already; choose a new folder with --to, such as "
                    + target.getFileName() + "-2");
        }
    }

    private static boolean empty(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            return !all.iterator().hasNext();
        } catch (IOException e) {
            throw new ServerException(folder + " cannot be read: " + words(e), e);
        }
    }

    private FolderCopy fill(Path aside, LongConsumer progress) throws IOException {
        FolderCopy[] copy = new FolderCopy[1];
        copy[0] = new FolderCopy(data, aside, () -> progress.accept(copy[0].bytes()));
        copy[0].take("", name -> !name.startsWith(DATABASE));
        String url = settings.database();
        try (Connection live = url == null ? sqlite(data.resolve(DATABASE)) : DriverManager.getConnection(url)) {
            Set<String> ended = new HashSet<>(
                    texts(live, "SELECT id FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled')"));
            Set<String> before = models(live, copy[0]);
            if (url == null) {
                SqliteCopy.copy(data.resolve(DATABASE), aside.resolve(DATABASE));
            } else {
                PostgresDump.write(url, aside.resolve(DUMP)).ifPresent(remarks::add);
            }
            copy[0].take("files", _ -> true);
            copy[0].take("uploads", _ -> true);
            copy[0].take("tinker", _ -> true);
            // A run that is ahead of its row would have steps that nobody is told of.
            copy[0].take("jobs", name -> !name.matches("jobs/[^/]+/run") || ended.contains(name.split("/", 3)[1]));
            if (url == null) {
                try (Connection copied = sqlite(aside.resolve(DATABASE))) {
                    files(live, copied, copy[0], aside);
                    uploads(copied, copy[0]);
                    models(live, copied, copy[0], before);
                }
            }
        } catch (SQLException e) {
            throw new IOException("the database does not answer: " + e.getMessage(), e);
        }
        check(aside, copy[0]);
        return copy[0];
    }

    private static Connection sqlite(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=30000");
    }

    /** The folders of models that the copy has. */
    private static Set<String> models(Connection live, FolderCopy copy) throws SQLException {
        Set<String> there = new HashSet<>();
        for (String folder : texts(live, "SELECT folder FROM job_models")) {
            if (copy.has(folder)) {
                there.add(folder);
            }
        }
        return there;
    }

    /** Makes rows and files agree where a file was deleted while it was copied. */
    private void files(Connection live, Connection copied, FolderCopy copy, Path aside)
            throws SQLException, IOException {
        Set<String> alive = new HashSet<>(texts(live, "SELECT id FROM files"));
        for (Map.Entry<String, List<String>> row :
                rows(copied, "SELECT id, bytes, purpose FROM files").entrySet()) {
            String id = row.getKey();
            String name = "files/" + id;
            long bytes = copy.has(name) ? Files.size(aside.resolve(name)) : -1;
            if (bytes < 0 && !alive.contains(id)) {
                change(copied, "DELETE FROM files WHERE id = ?", id);
            } else if (bytes >= 0 && row.getValue().getLast().equals(RESULTS)) {
                // A running job writes it anew, and its row a moment later.
                change(copied, "UPDATE files SET bytes = " + bytes + " WHERE id = ?", id);
            } else if (!Long.toString(bytes).equals(row.getValue().getFirst())) {
                remarks.add("the file " + id + " is damaged in " + data + " itself: it has "
                        + (bytes < 0
                                ? "no bytes"
                                : bytes + " bytes instead of " + row.getValue().getFirst()));
            }
        }
    }

    /** An upload that was completed or cancelled since has no parts any more. */
    private static void uploads(Connection copied, FolderCopy copy) throws SQLException {
        Map<String, List<String>> parts = rows(
                copied,
                "SELECT p.id, p.upload_id FROM upload_parts p JOIN uploads u ON u.id = p.upload_id WHERE u.status = 'pending'");
        for (Map.Entry<String, List<String>> part : parts.entrySet()) {
            String upload = part.getValue().getFirst();
            if (!copy.has("uploads/" + upload + "/" + part.getKey())) {
                change(copied, "UPDATE uploads SET status = 'cancelled' WHERE id = ?", upload);
            }
        }
    }

    private void models(Connection live, Connection copied, FolderCopy copy, Set<String> before)
            throws SQLException, IOException {
        Set<String> alive = new HashSet<>(texts(live, "SELECT name FROM job_models"));
        for (Map.Entry<String, List<String>> model :
                rows(copied, "SELECT name, folder FROM job_models").entrySet()) {
            String folder = model.getValue().getFirst();
            if (!before.contains(folder) && !alive.contains(model.getKey())) {
                // It went while it was copied, so that a half of it may be here.
                change(copied, "DELETE FROM job_models WHERE name = ?", model.getKey());
                copy.drop(folder);
            } else if (!copy.has(folder)) {
                remarks.add("the model " + model.getKey() + " has no folder in " + data + " itself");
            }
        }
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        return List.copyOf(rows(connection, sql).keySet());
    }

    /** Rows by their first column. */
    private static Map<String, List<String>> rows(Connection connection, String sql) throws SQLException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            int columns = found.getMetaData().getColumnCount();
            while (found.next()) {
                List<String> rest = new ArrayList<>();
                for (int i = 2; i <= columns; i++) {
                    rest.add(found.getString(i));
                }
                rows.put(found.getString(1), rest);
            }
        }
        return rows;
    }

    private static void change(Connection connection, String sql, String id) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, id);
            statement.executeUpdate();
        }
    }

    /** Reads the whole copy, and writes down the digests of its files. */
    private static void check(Path aside, FolderCopy copy) throws IOException {
        Map<String, String> sums = copy.sums();
        for (Map.Entry<String, String> each : sums.entrySet()) {
            Path file = aside.resolve(each.getKey());
            if (!FolderCopy.digest(file).equals(each.getValue())) {
                throw new IOException(file.getFileName() + " is not in the copy as it was read; the disk fails");
            }
            sound(file);
        }
        for (String name : List.of(DATABASE, DUMP)) {
            if (Files.exists(aside.resolve(name))) {
                sound(aside.resolve(name));
                sums.put(name, FolderCopy.digest(aside.resolve(name)));
            }
        }
        StringBuilder text = new StringBuilder();
        sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
        DurableFiles.write(aside.resolve(SUMS), text.toString());
    }

    private static void sound(Path file) throws IOException {
        if (file.getFileName().toString().matches(".*\\.(db|sqlite)") && SqliteCopy.isDatabase(file)) {
            String fault = SqliteCopy.fault(file).orElse("");
            if (!fault.isEmpty()) {
                throw new IOException("the database " + file.getFileName() + " is damaged: " + fault);
            }
        }
    }

    /**
     * The files of a copy that are not as they were when it was made; empty if it is whole. A server that was started on it changes it.
     *
     * @throws ServerException if there is no list of its files
     */
    public static List<String> faults(Path copy) {
        Path list = copy.resolve(SUMS);
        if (!Files.isRegularFile(list)) {
            throw new ServerException(copy + " has no " + SUMS + ", so it is no copy of reft backup");
        }
        List<String> faults = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(list)) {
                String[] parts = line.split(" {2}", 2);
                Path file = copy.resolve(parts[parts.length - 1]);
                if (parts.length != 2 || !file.normalize().startsWith(copy.normalize())) {
                    faults.add(SUMS + " has a line that is not of a copy: " + line);
                } else if (!Files.isRegularFile(file)) {
                    faults.add(parts[1] + " is missing");
                } else if (!FolderCopy.digest(file).equals(parts[0])) {
                    faults.add(parts[1] + " has changed");
                }
            }
        } catch (IOException e) {
            throw new ServerException(copy + " cannot be read: " + words(e), e);
        }
        return faults;
    }
}
