package org.reft4j.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;

/** The JSON files of a model folder. */
public final class JsonFiles {
    /** Far above any configuration or index. */
    private static final long LARGEST = 64 << 20;

    private JsonFiles() {}

    public static ObjectNode object() {
        return Json.PLAIN.createObjectNode();
    }

    /** Reads a file that holds one JSON object. */
    public static ObjectNode object(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new FormatException(file + ": " + Files.size(file) + " bytes; expected at most " + LARGEST
                        + ". The file is damaged");
            }
            if (Json.PLAIN.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // The library names no place for what is nested too deeply.
            String where =
                    e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new FormatException(
                    file + ": not valid JSON" + where + ": " + e.getOriginalMessage() + ". Download the file again", e);
        } catch (IOException e) {
            throw new FormatException(file + ": cannot be read: " + e.getMessage(), e);
        }
        throw new FormatException(file + ": expected one JSON object");
    }

    /** Puts a JSON object in place of a file. */
    public static void write(Path file, ObjectNode json) {
        byte[] text = (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
        Durable.write(file, channel -> DurableFiles.writeFully(channel, ByteBuffer.wrap(text)));
    }
}
