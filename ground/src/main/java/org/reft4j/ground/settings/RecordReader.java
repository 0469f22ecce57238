package org.reft4j.ground.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/**
 * Reader of settings into a record: every key known, every value of the right type, nothing missing. Keys are the names of record
 * components in kebab case; a component that may be left out is {@code @Nullable}, or has a {@code defaultValue} in its
 * {@code @JsonProperty}.
 *
 * @param type the record that a tree is to become
 * @param kinds readers of values by their type, where the type is none of those that every reader knows
 */
public record RecordReader<T extends Record>(Class<T> type, Map<Class<?>, Kind> kinds) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /**
     * Reader of the values of one type.
     *
     * @param expected the values that are legal, in words
     * @param read the value in its one spelling; {@code null} if it is not legal
     */
    public record Kind(String expected, Function<JsonNode, @Nullable JsonNode> read) {}

    public RecordReader {
        kinds = Map.copyOf(kinds);
    }

    /**
     * Reads a tree.
     *
     * @throws SettingException with place, key, value and what was expected, also where the record's constructor refuses a value
     */
    public T read(SettingsTree tree) {
        try {
            return Json.SETTINGS.treeToValue(checked(tree).root(), type);
        } catch (JsonProcessingException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                // The records' constructors refuse values, and do not know where these were given.
                if (cause instanceof SettingException refused) {
                    throw refused.at(tree.place(refused.key()), e);
                }
            }
            throw new IllegalStateException("checked settings could not be read: " + e.getOriginalMessage(), e);
        }
    }

    /** The tree in the order of the record's components, enums in their one spelling, without nulls. */
    public SettingsTree checked(SettingsTree tree) {
        return tree.with(object(type, tree.root(), "", tree));
    }

    /**
     * Every key that has a default, with it; those of a section that may be absent among them.
     *
     * @param tree a record of defaults
     */
    public ObjectNode defaults(ObjectNode tree) {
        return defaults(type, tree, "", new SettingsTree(tree, "defaults", Map.of()));
    }

    private ObjectNode object(Class<?> record, ObjectNode node, String path, SettingsTree tree) {
        List<RecordComponent> components = RecordKeys.components(record);
        List<String> legal = keys(record);
        for (String key : (Iterable<String>) node::fieldNames) {
            if (!legal.contains(key)) {
                throw unknown(path, key, legal, tree);
            }
        }
        ObjectNode ordered = NODES.objectNode();
        for (RecordComponent component : components) {
            String key = RecordKeys.key(component);
            String at = join(path, key);
            JsonNode value = node.path(key);
            if (!value.isMissingNode() && !value.isNull()) {
                ordered.set(key, value(component.getType(), value, at, tree));
            } else if (!byDefault(component).isEmpty()) {
                ordered.set(key, value(component.getType(), SettingsTree.value(byDefault(component), at), at, tree));
            } else if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                throw new SettingException(
                        tree.place(at) + ": " + at + " is missing; give it as \"" + key + ": "
                                + example(component.getType()) + "\"" + (path.isEmpty() ? "" : " under " + path),
                        null);
            }
        }
        return ordered;
    }

    private ObjectNode defaults(Class<?> record, JsonNode node, String path, SettingsTree tree) {
        ObjectNode all = NODES.objectNode();
        for (RecordComponent component : RecordKeys.components(record)) {
            String key = RecordKeys.key(component);
            String at = join(path, key);
            JsonNode given = node.path(key);
            boolean none = given.isMissingNode() || given.isNull();
            if (component.getType().isRecord()) {
                all.set(key, defaults(component.getType(), given, at, tree));
            } else if (!none || !byDefault(component).isEmpty()) {
                JsonNode value = none ? SettingsTree.value(byDefault(component), at) : given;
                all.set(key, value(component.getType(), value, at, tree));
            }
        }
        return all;
    }

    private JsonNode value(Class<?> of, JsonNode value, String path, SettingsTree tree) {
        Kind kind = kinds.get(of);
        if (kind != null) {
            JsonNode read = kind.read().apply(value);
            if (read == null) {
                throw wrong(path, value, kind.expected(), tree);
            }
            return read;
        }
        if (of == int.class || of == long.class) {
            return whole(of == int.class, value, path, tree);
        }
        if (of == double.class || of == Double.class) {
            require(value.isNumber() && Double.isFinite(value.doubleValue()), value, path, "a number", tree);
            return NODES.numberNode(value.doubleValue());
        }
        if (of == boolean.class || of == Boolean.class) {
            return require(value.isBoolean(), value, path, "true or false", tree);
        }
        if (of == String.class) {
            return NODES.textNode(
                    require(value.isValueNode(), value, path, "a text", tree).asText());
        }
        if (of.isEnum()) {
            List<String> words = words(of);
            String given = value.asText().toLowerCase(Locale.ROOT);
            require(words.contains(given), value, path, String.join(" or ", words), tree);
            return NODES.textNode(given);
        }
        if (of == Map.class) {
            require(value.isObject(), value, path, "keys and values", tree);
            ObjectNode texts = NODES.objectNode();
            value.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> texts.set(
                            entry.getKey(), value(String.class, entry.getValue(), join(path, entry.getKey()), tree)));
            return texts;
        }
        if (of == List.class) {
            require(value.isArray(), value, path, "a list of texts, such as [one, two]", tree);
            ArrayNode list = NODES.arrayNode();
            value.forEach(element -> list.add(value(String.class, element, path, tree)));
            return list;
        }
        if (of.isRecord()) {
            require(value.isObject(), value, path, "keys and values: " + String.join(", ", keys(of)), tree);
            return object(of, (ObjectNode) value, path, tree);
        }
        throw new IllegalStateException("records of settings must not hold " + of + " (" + path + ")");
    }

    private static JsonNode whole(boolean small, JsonNode value, String path, SettingsTree tree) {
        boolean whole = value.isIntegralNumber()
                || (value.isBigDecimal()
                        && value.decimalValue().stripTrailingZeros().scale() <= 0);
        require(whole, value, path, "a whole number", tree);
        require(
                small ? value.canConvertToInt() : value.canConvertToLong(),
                value,
                path,
                "a whole number of at most " + (small ? Integer.MAX_VALUE : Long.MAX_VALUE),
                tree);
        return NODES.numberNode(value.longValue());
    }

    private static JsonNode require(boolean valid, JsonNode value, String path, String expected, SettingsTree tree) {
        if (!valid) {
            throw wrong(path, value, expected, tree);
        }
        return value;
    }

    private static SettingException wrong(String path, JsonNode value, String expected, SettingsTree tree) {
        String shown = value.isValueNode() ? value.asText() : value.toString();
        return new SettingException(tree.place(path), path, shown, expected, null);
    }

    private SettingException unknown(String path, String key, List<String> legal, SettingsTree tree) {
        String at = join(path, key);
        String advice = NearestKey.among(legal, key)
                .map(near -> "did you mean " + join(path, near) + "?")
                .or(() -> elsewhere(key).map(other -> "did you mean " + other + "?"))
                .orElse("legal here: " + String.join(", ", legal));
        return new SettingException(tree.place(at) + ": unknown key " + at + "; " + advice, null);
    }

    /** The key in another part of the record: it was put at the wrong depth. */
    private Optional<String> elsewhere(String key) {
        List<String> all = new ArrayList<>();
        collect(type, "", all);
        String folded = NearestKey.folded(key);
        return all.stream()
                .filter(path -> path.substring(path.lastIndexOf('.') + 1).equals(folded))
                .findFirst();
    }

    private static void collect(Class<?> record, String path, List<String> all) {
        for (RecordComponent component : RecordKeys.components(record)) {
            String at = join(path, RecordKeys.key(component));
            all.add(at);
            if (component.getType().isRecord()) {
                collect(component.getType(), at, all);
            }
        }
    }

    private static String example(Class<?> of) {
        return of == int.class || of == long.class ? "10" : of == double.class || of == Double.class ? "0.1" : "...";
    }

    /** The words of an enum as files have them. */
    private static List<String> words(Class<?> of) {
        return Arrays.stream(of.getEnumConstants())
                .map(constant -> Json.SETTINGS.valueToTree(constant).asText())
                .toList();
    }

    private static List<String> keys(Class<?> record) {
        return RecordKeys.components(record).stream().map(RecordKeys::key).toList();
    }

    /** The value of {@code @JsonProperty(defaultValue = ...)}: the default of a key in an optional section. */
    private static String byDefault(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named == null ? "" : named.defaultValue();
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
