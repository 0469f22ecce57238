package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.model.weights.Checksums;

/** A file of JSON objects, one a line, that grows at its end. A last line without its newline was cut off by a crash and does not count. */
final class LineFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private long bytes;

    private LineFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        byte[] there = Files.readAllBytes(file);
        crc.update(there);
        bytes = there.length;
    }

    /** Opens for appending; creates the file if it is missing. */
    static LineFile open(Path file) {
        try {
            return new LineFile(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw RunException.of("cannot write", file, e);
        }
    }

    /** The complete lines of {@code file}, none if it is missing. */
    static List<JsonNode> read(Path file) {
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : lines(file)) {
            nodes.add(parse(file, nodes.size() + 1, line));
        }
        return nodes;
    }

    /** Rewrites {@code file} with only the lines that {@code wanted} accepts, byte for byte as they were. */
    static void keep(Path file, Predicate<JsonNode> wanted) {
        rewrite(file, line -> wanted.test(line) ? line : null);
    }

    /** Rewrites {@code file} with what {@code change} makes of its lines; one that it gives back unchanged stays byte for byte. */
    static void rewrite(Path file, Function<ObjectNode, @Nullable JsonNode> change) {
        if (!Files.exists(file)) {
            return;
        }
        StringBuilder kept = new StringBuilder();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            ObjectNode before = parse(file, number, line);
            JsonNode after = change.apply(before.deepCopy());
            if (after != null) {
                kept.append(after.equals(before) ? line : after.toString()).append('\n');
            }
        }
        try {
            DurableFiles.write(file, kept.toString());
        } catch (IOException e) {
            throw RunException.of("cannot rewrite", file, e);
        }
    }

    /** Adds one line, handed to the system at once so that readers see it. */
    void append(JsonNode node) {
        byte[] line = (node + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer left = ByteBuffer.wrap(line);
        try {
            while (left.hasRemaining()) {
                channel.write(left);
            }
            crc.update(line);
            bytes += line.length;
        } catch (IOException e) {
            throw RunException.of("cannot write", file, e);
        }
    }

    /** The checksum of all that is in the file. */
    Checksums.Sum sum() {
        return new Checksums.Sum(bytes, crc.getValue());
    }

    /** Flushes to the disk. */
    void flush() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw RunException.of("cannot flush", file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw RunException.of("cannot close", file, e);
        }
    }

    private static List<String> lines(Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw RunException.of("cannot read", file, e);
        }
    }

    private static ObjectNode parse(Path file, int number, String line) {
        try {
            JsonNode node = Json.WHOLE.readTree(line);
            if (node instanceof ObjectNode object && node.path("step").isInt()) {
                return object;
            }
            throw new RunException(
                    file + ", line " + number + ": no object with a step; restore the file or delete the run");
        } catch (JsonProcessingException e) {
            throw new RunException(
                    file + ", line " + number + ": not JSON (" + e.getOriginalMessage()
                            + "); restore the file or delete the run",
                    e);
        }
    }
}
