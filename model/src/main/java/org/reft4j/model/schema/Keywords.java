package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Keywords of JSON schemas: those that are held, those that say nothing about values, and two schemas joined to one. */
final class Keywords {
    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "example",
            "deprecated",
            "readOnly",
            "writeOnly",
            "discriminator",
            "externalDocs",
            "xml");
    private static final Set<String> OBJECT =
            Set.of("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties");
    private static final Set<String> ARRAY = Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems");
    private static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern", "format");
    private static final Set<String> NUMBER =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
    private static final Set<String> GENERAL =
            Set.of("type", "nullable", "enum", "const", "anyOf", "oneOf", "allOf", "$ref");
    private static final List<String> TYPES =
            List.of("null", "boolean", "integer", "number", "string", "array", "object");

    private Keywords() {}

    /** @throws SchemaException if a keyword is not held */
    static void check(JsonNode schema, String path) {
        if (!schema.isObject() && !schema.isBoolean()) {
            throw SchemaException.at(path, schema + " is no schema; expected an object, true or false");
        }
        for (Map.Entry<String, JsonNode> each : schema.properties()) {
            String key = each.getKey();
            if (!isAnnotation(key)
                    && List.of(OBJECT, ARRAY, STRING, NUMBER, GENERAL).stream().noneMatch(set -> set.contains(key))) {
                Set<String> known = new TreeSet<>(GENERAL);
                List.of(OBJECT, ARRAY, STRING, NUMBER).forEach(known::addAll);
                throw SchemaException.at(
                        path,
                        "the keyword \"" + key + "\" cannot be held while sampling; leave it out, or say it with "
                                + String.join(", ", known));
            }
        }
    }

    private static boolean isAnnotation(String key) {
        return ANNOTATIONS.contains(key) || key.startsWith("x-");
    }

    /** The keywords that say something about values, without some. */
    static ObjectNode assertions(JsonNode schema, String... without) {
        ObjectNode left = JsonNodeFactory.instance.objectNode();
        schema.properties().forEach(each -> {
            if (!isAnnotation(each.getKey()) && !List.of(without).contains(each.getKey())) {
                left.set(each.getKey(), each.getValue());
            }
        });
        return left;
    }

    /** The types that a schema allows. Without {@code type}, those that its other keywords speak of, or else all. */
    static Set<String> types(JsonNode schema, String path) {
        Set<String> types = new LinkedHashSet<>();
        JsonNode given = schema.path("type");
        if (given.isTextual()) {
            types.add(given.asText());
        }
        given.forEach(type -> types.add(type.asText()));
        if (schema.has("type") && (types.isEmpty() || !TYPES.containsAll(types))) {
            throw SchemaException.at(
                    path, "type is " + given + "; expected one of " + String.join(", ", TYPES) + ", or a list of them");
        }
        if (types.isEmpty()) {
            addIf(types, schema, STRING, "string");
            addIf(types, schema, NUMBER, "number");
            addIf(types, schema, ARRAY, "array");
            addIf(types, schema, OBJECT, "object");
        }
        if (types.isEmpty()) {
            types.addAll(TYPES);
        }
        if (schema.path("nullable").asBoolean()) {
            types.add("null");
        }
        if (types.contains("number")) {
            types.remove("integer");
        }
        return types;
    }

    private static void addIf(Set<String> types, JsonNode schema, Set<String> keywords, String type) {
        if (keywords.stream().anyMatch(schema::has)) {
            types.add(type);
        }
    }

    /** True if a schema says how objects or lists are made. */
    static boolean builds(JsonNode schema) {
        return OBJECT.stream().anyMatch(schema::has) || ARRAY.stream().anyMatch(schema::has);
    }

    static boolean isNumeric(JsonNode schema) {
        return NUMBER.stream().anyMatch(schema::has);
    }

    /** A keyword that counts. */
    static int count(JsonNode schema, String key, int missing, String path) {
        JsonNode value = schema.get(key);
        if (value == null) {
            return missing;
        }
        BigDecimal number = value.isNumber() ? value.decimalValue() : BigDecimal.ONE.negate();
        if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
            throw SchemaException.at(path, key + " is " + value + "; expected a whole number from 0 on");
        }
        return number.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
    }

    /** A schema that allows what both allow. */
    static JsonNode both(JsonNode one, JsonNode other, String path) {
        if (one.isBoolean() || other.isBoolean()) {
            return one.isBoolean() ? one.asBoolean() ? other : one : other.asBoolean() ? one : other;
        }
        ObjectNode both = assertions(one);
        ObjectNode second = assertions(other);
        closeObjects(both, second, path);
        for (Map.Entry<String, JsonNode> each : second.properties()) {
            JsonNode first = both.get(each.getKey());
            both.set(
                    each.getKey(), first == null ? each.getValue() : both(each.getKey(), first, each.getValue(), path));
        }
        return both;
    }

    /** Properties that only one side names must be allowed by the other, whatever they are. */
    private static void closeObjects(ObjectNode one, ObjectNode other, String path) {
        for (ObjectNode[] sides : new ObjectNode[][] {{one, other}, {other, one}}) {
            boolean open = !sides[0].has("additionalProperties")
                    || sides[0].get("additionalProperties").equals(BooleanNode.TRUE);
            for (Map.Entry<String, JsonNode> each : sides[1].path("properties").properties()) {
                if (!open && !sides[0].path("properties").has(each.getKey())) {
                    throw SchemaException.at(
                            path,
                            "additionalProperties beside allOf, anyOf, oneOf or $ref, which name other properties (\""
                                    + each.getKey() + "\"); write one object with all of them");
                }
            }
        }
    }

    private static JsonNode both(String key, JsonNode one, JsonNode other, String path) {
        if (one.equals(other)) {
            return one;
        }
        return switch (key) {
            case "required" -> union(one, other);
            case "type" -> types(one, other, path);
            case "enum" -> common(one, other);
            case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
                one.decimalValue().compareTo(other.decimalValue()) >= 0 ? one : other;
            case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
                one.decimalValue().compareTo(other.decimalValue()) <= 0 ? one : other;
            case "items", "additionalProperties", "propertyNames" -> all(one, other);
            case "properties" -> properties(one, other);
            default ->
                throw SchemaException.at(
                        path,
                        "\"" + key
                                + "\" is asked twice, beside allOf, anyOf, oneOf or $ref and in them, which cannot be held while"
                                + " sampling; write it once");
        };
    }

    private static JsonNode properties(JsonNode one, JsonNode other) {
        ObjectNode both = JsonNodeFactory.instance.objectNode();
        one.properties().forEach(each -> both.set(each.getKey(), each.getValue()));
        other.properties().forEach(each -> {
            JsonNode first = both.get(each.getKey());
            both.set(each.getKey(), first == null ? each.getValue() : all(first, each.getValue()));
        });
        return both;
    }

    private static JsonNode all(JsonNode one, JsonNode other) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.putArray("allOf").add(one).add(other);
        return all;
    }

    private static JsonNode union(JsonNode one, JsonNode other) {
        Set<JsonNode> union = new LinkedHashSet<>();
        one.forEach(union::add);
        other.forEach(union::add);
        return array(union);
    }

    private static JsonNode common(JsonNode one, JsonNode other) {
        Set<JsonNode> left = new LinkedHashSet<>();
        one.forEach(left::add);
        List<JsonNode> kept = new ArrayList<>();
        other.forEach(kept::add);
        left.retainAll(kept);
        return array(left);
    }

    private static JsonNode types(JsonNode one, JsonNode other, String path) {
        Set<String> first = types(JsonNodeFactory.instance.objectNode().set("type", one), path);
        Set<String> second = types(JsonNodeFactory.instance.objectNode().set("type", other), path);
        ArrayNode both = JsonNodeFactory.instance.arrayNode();
        for (String type : TYPES) {
            boolean integer = type.equals("integer");
            boolean inFirst = first.contains(type) || (integer && first.contains("number"));
            boolean inSecond = second.contains(type) || (integer && second.contains("number"));
            boolean common = inFirst && inSecond && !(integer && first.contains("number") && second.contains("number"));
            if (common) {
                both.add(type);
            }
        }
        if (both.isEmpty()) {
            throw SchemaException.at(path, "the types " + one + " and " + other + " have nothing in common");
        }
        return both;
    }

    private static ArrayNode array(Collection<JsonNode> values) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        values.forEach(array::add);
        return array;
    }
}
