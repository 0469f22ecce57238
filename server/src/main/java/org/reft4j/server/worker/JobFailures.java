package org.reft4j.server.worker;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names fields of a request by the settings that they became. */
final class JobFailures {
    private static final Map<String, String> FIELDS = Map.of(
            "data.path", "training_file",
            "samples.path", "training_file",
            "data.validation", "validation_file",
            "model", "model",
            "grader", "method.reinforcement.grader");

    private JobFailures() {}

    /** The field of the request that a setting came from; {@code null} if it is not known. */
    static @Nullable String field(String key) {
        for (Map.Entry<String, String> each : FIELDS.entrySet()) {
            if (key.equals(each.getKey()) || key.startsWith(each.getKey() + ".")) {
                return each.getValue();
            }
        }
        return key.isEmpty() ? null : "reft4j." + key;
    }
}
