package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.ground.files.Yaml;
import org.reft4j.train.ConfigException;

/**
 * A place where two configurations say different things.
 *
 * @param key with dots, such as {@code ppo.clip}
 * @param before its value in the first, {@code nothing} if it is not there
 * @param now its value in the second, {@code nothing} if it is not there
 */
public record ConfigDifference(String key, String before, String now) {
    /** The value of a key that is not there. */
    public static final String NOTHING = "nothing";

    /** Every place where they differ, those of the second first. */
    public static List<ConfigDifference> all(Map<String, String> before, Map<String, String> now) {
        Set<String> keys = new LinkedHashSet<>(now.keySet());
        keys.addAll(before.keySet());
        return keys.stream()
                .map(key ->
                        new ConfigDifference(key, before.getOrDefault(key, NOTHING), now.getOrDefault(key, NOTHING)))
                .filter(difference -> !difference.before.equals(difference.now))
                .toList();
    }

    /** Every value by its dotted key. */
    public static Map<String, String> leaves(String yaml) {
        Map<String, String> leaves = new LinkedHashMap<>();
        collect("", parsed(yaml), leaves);
        return leaves;
    }

    /** A configuration as a tree. */
    static JsonNode parsed(String yaml) {
        try {
            return Yaml.PLAIN.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new ConfigException("the run's configuration is not YAML: " + e.getOriginalMessage(), e);
        }
    }

    /** A section of a configuration as YAML of its own; empty where it is none. */
    static Optional<String> section(String yaml, String key) {
        JsonNode section = parsed(yaml).path(key);
        try {
            return section.isObject()
                    ? Optional.of(Yaml.PLAIN.writeValueAsString(section).strip())
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void collect(String prefix, JsonNode node, Map<String, String> leaves) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties()
                    .forEach(field -> collect(
                            prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey(),
                            field.getValue(),
                            leaves));
        } else {
            leaves.put(prefix, node.isValueNode() ? node.asText() : node.toString());
        }
    }
}
