package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.reft4j.ground.files.DurableFiles;

/** Settings of jobs in a data folder that was moved, or copied by a backup: they name files in it, by its old place. */
final class MovedData {
    private MovedData() {}

    /**
     * The settings with the folder's place of now. The configuration of a run that was begun is changed with them, since it is the same run.
     *
     * @param settings by dotted key
     */
    static ObjectNode here(ObjectNode settings, JobFolder folder) throws IOException {
        String now = folder.trainingData().toString();
        String end = now.substring(folder.root().toString().length());
        String then = settings.path("data.path").asText();
        if (then.equals(now) || !then.endsWith(end)) {
            return settings;
        }
        String before = then.substring(0, then.length() - end.length()) + folder.separator();
        String after = folder.root() + folder.separator();
        Path config = folder.run().resolve("config.yaml");
        if (Files.exists(config)) {
            DurableFiles.write(config, Files.readString(config).replace(before, after));
        }
        ObjectNode moved = settings.deepCopy();
        moved.properties().forEach(each -> each.setValue(moved(each.getValue(), before, after)));
        return moved;
    }

    private static JsonNode moved(JsonNode value, String before, String after) {
        if (value.isTextual() && value.asText().startsWith(before)) {
            return TextNode.valueOf(after + value.asText().substring(before.length()));
        }
        if (value instanceof ObjectNode object) {
            object.properties().forEach(each -> each.setValue(moved(each.getValue(), before, after)));
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, moved(array.get(i), before, after));
            }
        }
        return value;
    }
}
