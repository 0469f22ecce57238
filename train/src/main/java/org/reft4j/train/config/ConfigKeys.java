package org.reft4j.train.config;

import static org.reft4j.ground.settings.RecordKeys.key;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.RecordKeys;
import org.reft4j.train.ConfigException;

/**
 * Holds a configuration tree against the record that it is to become: every key known, every value of the right type, nothing missing.
 * Keys are the names of record components in kebab case.
 *
 * @param places says where a key was given, by key path; for the front of messages
 */
record ConfigKeys(Class<? extends Record> root, java.util.function.UnaryOperator<String> places) {

    /** The tree in the order of the record's components, enums in their one spelling, without nulls. */
    ObjectNode checked(ObjectNode tree) {
        return object(root, tree, "");
    }

    private ObjectNode object(Class<?> type, ObjectNode tree, String path) {
        List<RecordComponent> components = RecordKeys.components(type);
        List<String> legal = components.stream().map(RecordKeys::key).toList();
        for (String key : (Iterable<String>) tree::fieldNames) {
            if (!legal.contains(key)) {
                throw unknown(join(path, key), key, legal);
            }
        }
        ObjectNode ordered = JsonNodeFactory.instance.objectNode();
        for (RecordComponent component : components) {
            String at = join(path, key(component));
            JsonNode value = tree.path(key(component));
            if (!value.isMissingNode() && !value.isNull()) {
                ordered.set(key(component), value(component.getType(), value, at));
            } else if (!byDefault(component).isEmpty()) {
                ordered.set(key(component), value(component.getType(), YamlTree.value(byDefault(component), at), at));
            } else if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                throw new ConfigException(places.apply(at) + ": " + at + " is missing; give it as \"" + key(component)
                        + ": " + example(component.getType()) + "\"" + (path.isEmpty() ? "" : " under " + path));
            }
        }
        return ordered;
    }

    /** Every key that has a default, with it; those of a section that may be absent among them. */
    ObjectNode defaults(ObjectNode tree) {
        return defaults(root, tree, "");
    }

    private ObjectNode defaults(Class<?> type, JsonNode tree, String path) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        for (RecordComponent component : RecordKeys.components(type)) {
            String at = join(path, key(component));
            JsonNode given = tree.path(key(component));
            boolean none = given.isMissingNode() || given.isNull();
            if (component.getType().isRecord()) {
                all.set(key(component), defaults(component.getType(), given, at));
            } else if (!none || !byDefault(component).isEmpty()) {
                JsonNode value = none ? YamlTree.value(byDefault(component), at) : given;
                all.set(key(component), value(component.getType(), value, at));
            }
        }
        return all;
    }

    private JsonNode value(Class<?> type, JsonNode value, String path) {
        if (type == int.class || type == long.class) {
            boolean whole = value.isIntegralNumber()
                    || (value.isBigDecimal()
                            && value.decimalValue().stripTrailingZeros().scale() <= 0);
            if (!whole) {
                throw wrong(path, value, "a whole number");
            }
            if (type == int.class ? !value.canConvertToInt() : !value.canConvertToLong()) {
                throw wrong(
                        path,
                        value,
                        "a whole number of at most " + (type == int.class ? Integer.MAX_VALUE : Long.MAX_VALUE));
            }
            return JsonNodeFactory.instance.numberNode(value.longValue());
        }
        if (type == double.class || type == Double.class) {
            if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                throw wrong(path, value, "a number");
            }
            return JsonNodeFactory.instance.numberNode(value.doubleValue());
        }
        if (type == boolean.class || type == Boolean.class) {
            return require(value.isBoolean(), value, path, "true or false");
        }
        if (type == String.class) {
            require(value.isValueNode(), value, path, "a text");
            return JsonNodeFactory.instance.textNode(value.asText());
        }
        if (type == org.reft4j.task.dataset.SplitSource.class) {
            String expected = "a number of questions, a share below 1, or a file";
            return value.isNumber()
                    ? value(double.class, value, path)
                    : require(value.isTextual() && !value.asText().isBlank(), value, path, expected);
        }
        if (type.isEnum()) {
            return choice(type, value, path);
        }
        if (type == Map.class) {
            require(value.isObject(), value, path, "keys and values");
            ObjectNode texts = JsonNodeFactory.instance.objectNode();
            value.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> texts.set(
                            entry.getKey(), value(String.class, entry.getValue(), join(path, entry.getKey()))));
            return texts;
        }
        if (type == List.class) {
            require(value.isArray(), value, path, "a list of texts, such as [one, two]");
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            value.forEach(element -> list.add(value(String.class, element, path)));
            return list;
        }
        if (type == JsonNode.class) {
            return require(
                    value.isObject(), value, path, "an object with a type, or the name of a file that holds one");
        }
        if (type.isRecord()) {
            require(value.isObject(), value, path, "keys and values: " + String.join(", ", keys(type)));
            return object(type, (ObjectNode) value, path);
        }
        throw new IllegalStateException("configuration records must not hold " + type + " (" + path + ")");
    }

    /** An enum is written by its name or by its first letter where that is enough, in any case. */
    private JsonNode choice(Class<?> type, JsonNode value, String path) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant ->
                        ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        String given = value.asText().toLowerCase(Locale.ROOT);
        if (type == org.reft4j.task.dataset.Cot.class) {
            // The paper's own names are P-CoT and N-CoT; both kinds begin with the letter p, so n stands for prose.
            given = switch (given) {
                case "p", "p-cot" -> "program";
                case "n", "n-cot" -> "prose";
                default -> given;
            };
        }
        if (!names.contains(given)) {
            String legal = String.join(" or ", names)
                    + (type == org.reft4j.task.dataset.Cot.class ? " (short: n is prose, p is program)" : "");
            throw wrong(path, value, legal);
        }
        return JsonNodeFactory.instance.textNode(given);
    }

    private JsonNode require(boolean valid, JsonNode value, String path, String expected) {
        if (!valid) {
            throw wrong(path, value, expected);
        }
        return value;
    }

    private ConfigException wrong(String path, JsonNode value, String expected) {
        String shown = value.isValueNode() ? value.asText() : value.toString();
        return new ConfigException(places.apply(path), path, shown, expected, null);
    }

    private ConfigException unknown(String path, String key, List<String> legal) {
        String advice = nearest(key, legal)
                .map(near -> "did you mean " + path.substring(0, path.length() - key.length()) + near + "?")
                .or(() -> elsewhere(key).map(other -> "did you mean " + other + "?"))
                .orElse("legal here: " + String.join(", ", legal));
        return new ConfigException(places.apply(path) + ": unknown key " + path + "; " + advice);
    }

    private static Optional<String> nearest(String key, List<String> legal) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        String folded = key.toLowerCase(Locale.ROOT).replace('_', '-');
        return legal.stream()
                .min(Comparator.comparingInt(name -> distance.apply(folded, name)))
                .filter(name -> distance.apply(folded, name) <= Math.max(2, name.length() / 3)
                        && distance.apply(folded, name) < name.length());
    }

    /** The key in another part of the configuration: it was put at the wrong depth. */
    private Optional<String> elsewhere(String key) {
        List<String> all = new ArrayList<>();
        collect(root, "", all);
        String folded = key.toLowerCase(Locale.ROOT).replace('_', '-');
        return all.stream()
                .filter(path -> path.substring(path.lastIndexOf('.') + 1).equals(folded))
                .findFirst();
    }

    private static void collect(Class<?> type, String path, List<String> all) {
        for (RecordComponent component : RecordKeys.components(type)) {
            String at = join(path, key(component));
            all.add(at);
            if (component.getType().isRecord()) {
                collect(component.getType(), at, all);
            }
        }
    }

    private static String example(Class<?> type) {
        return type == int.class || type == long.class
                ? "10"
                : type == double.class || type == Double.class ? "0.1" : "...";
    }

    private static List<String> keys(Class<?> type) {
        return RecordKeys.components(type).stream().map(RecordKeys::key).toList();
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
