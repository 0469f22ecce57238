package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/** The settings of a job's run, and the fields of a request that they came from. */
public final class RunSettings {
    private static final Map<String, String> FIELDS = Map.of(
            "data.path", "training_file",
            "samples.path", "training_file",
            "data.validation", "validation_file",
            "model", "model",
            "prompt.response-format", "method.reinforcement.response_format",
            "grader", "method.reinforcement.grader");

    private RunSettings() {}

    /** The field of the request that a setting came from; {@code null} if it is not known. */
    public static @Nullable String field(String key) {
        for (Map.Entry<String, String> each : FIELDS.entrySet()) {
            if (key.equals(each.getKey()) || key.startsWith(each.getKey() + ".")) {
                return each.getValue();
            }
        }
        return key.isEmpty() ? null : "reft4j." + key;
    }

    /** The settings of the run, nested as in a file. */
    public static String document(ObjectNode settings) {
        ObjectNode root = Json.PLAIN.createObjectNode();
        settings.properties().forEach(entry -> {
            ObjectNode at = root;
            String[] path = entry.getKey().split("\\.", -1);
            for (int i = 0; i < path.length - 1; i++) {
                at = at.withObjectProperty(path[i]);
            }
            at.set(path[path.length - 1], entry.getValue());
        });
        return root.toString();
    }
}
