package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.reft4j.ground.files.Json;

/**
 * Checksums of a folder's files, in the file {@code checksums.json} beside them. They tell damage, not malice: CRC-32C, which costs a
 * fraction of reading the file.
 */
public final class Checksums {
    /** The file's name. */
    public static final String FILE = "checksums.json";

    private static final String FILES = "files";
    private static final String BYTES = "bytes";
    private static final String SUM = "crc32c";
    private static final int BUFFER = 1 << 20;

    private Checksums() {}

    /**
     * The checksum of a file, or of its beginning.
     *
     * @param bytes how many were summed
     * @param crc of these
     */
    public record Sum(long bytes, long crc) {
        /** As {@code checksums.json} has it. */
        public ObjectNode json() {
            return Json.PLAIN.createObjectNode().put(BYTES, bytes).put(SUM, String.format(Locale.ROOT, "%08x", crc));
        }

        /** The sum of at most so many bytes of a file. */
        public static Sum of(Path file, long most) throws IOException {
            CRC32C crc = new CRC32C();
            long done = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(Math.clamp(most, 1, BUFFER));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                while (done < most) {
                    buffer.clear().limit((int) Math.min(buffer.capacity(), most - done));
                    int read = channel.read(buffer);
                    if (read < 0) {
                        break;
                    }
                    crc.update(buffer.flip());
                    done += read;
                }
            }
            return new Sum(done, crc.getValue());
        }
    }

    /**
     * Writes the checksums of all files below a folder.
     *
     * @param left names at the folder's top that may come and go
     * @param record what else is to be kept with them
     */
    public static void write(Path folder, List<String> left, ObjectNode record) throws IOException {
        ObjectNode json = Json.PLAIN.createObjectNode();
        ObjectNode files = json.putObject(FILES);
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                String name = name(folder, file);
                if (!left.contains(name) && !name.equals(FILE)) {
                    files.set(name, Sum.of(file, Long.MAX_VALUE).json());
                }
            }
        }
        json.setAll(record);
        Files.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    /** The content of a folder's {@code checksums.json}; empty for a folder without. */
    public static ObjectNode read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Json.PLAIN.createObjectNode();
        }
        return Json.PLAIN.readTree(file.toFile()) instanceof ObjectNode object ? object : Json.PLAIN.createObjectNode();
    }

    /**
     * The first file that is not as it was written, in words; empty if all are, or nobody knows how they were.
     *
     * @param wanted by names below the folder
     */
    public static Optional<String> damage(Path folder, Predicate<String> wanted) throws IOException {
        for (Map.Entry<String, JsonNode> entry : read(folder).path(FILES).properties()) {
            if (wanted.test(entry.getKey())) {
                Optional<String> found = damage(folder.resolve(entry.getKey()), entry.getValue());
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The difference between a file's beginning and what was written, in words.
     *
     * @param written as {@link Sum#json}
     */
    public static Optional<String> damage(Path file, JsonNode written) throws IOException {
        long bytes = written.path(BYTES).asLong();
        if (!Files.isRegularFile(file)) {
            return Optional.of(file + " is missing");
        }
        Sum found = Sum.of(file, bytes);
        if (found.bytes() < bytes) {
            return Optional.of(
                    file + " is cut short: it has " + found.bytes() + " bytes, and " + bytes + " were written");
        }
        return found.json()
                        .equals(Json.PLAIN
                                .createObjectNode()
                                .put(BYTES, bytes)
                                .put(SUM, written.path(SUM).asText()))
                ? Optional.empty()
                : Optional.of(file + " has other contents than were written");
    }

    /**
     * Refuses a model's file that lies with checksums and is not as it was written.
     *
     * @throws FormatException that names it
     */
    static void require(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        try {
            damage(folder, String.valueOf(file.getFileName())::equals).ifPresent(words -> {
                throw new FormatException(words + " (" + FILE + "); copy the checkpoint again, or delete "
                        + folder.resolve(FILE) + " if you changed the file yourself");
            });
        } catch (IOException e) {
            throw new FormatException(folder.resolve(FILE) + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
