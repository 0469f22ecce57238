package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/** Columns {@code parts} of {@code rollouts.sqlite}: the named parts of a score as a JSON object, in their order; nothing where there are none. */
final class PartScores {
    private PartScores() {}

    static @Nullable String encode(Map<String, Double> parts) {
        try {
            return parts.isEmpty() ? null : Json.PLAIN.writeValueAsString(parts);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("parts " + parts + " cannot be written", e);
        }
    }

    /** @throws RunException if the column is damaged */
    static Map<String, Double> decode(@Nullable String column) {
        try {
            return column == null
                    ? Map.of()
                    : Json.PLAIN.readValue(column, new TypeReference<LinkedHashMap<String, Double>>() {});
        } catch (JsonProcessingException e) {
            throw new RunException(
                    RolloutDatabase.FILE + " holds parts that are no JSON object: " + e.getOriginalMessage()
                            + "; copy the run's folder again",
                    e);
        }
    }
}
