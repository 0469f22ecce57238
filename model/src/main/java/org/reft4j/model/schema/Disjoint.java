package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.lucene.util.automaton.Operations;

/** Proof that of several schemas no two allow the same value, which {@code oneOf} asks for. */
final class Disjoint {
    private static final int DEEPEST = 8;

    private Disjoint() {}

    static void require(SchemaCompiler compiler, JsonNode schemas, String path) {
        for (int i = 0; i < schemas.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!apart(compiler, schemas.get(j), schemas.get(i), path, 0)) {
                    throw SchemaException.at(
                            path,
                            "oneOf, of which no. " + (j + 1) + " and no. " + (i + 1)
                                    + " may allow the same value; give each another type, or objects a required property with a constant"
                                    + " of its own, or write anyOf");
                }
            }
        }
    }

    private static boolean apart(SchemaCompiler compiler, JsonNode one, JsonNode other, String path, int depth) {
        JsonNode first = compiler.resolved(one, path);
        JsonNode second = compiler.resolved(other, path);
        if (first.isBoolean() || second.isBoolean() || depth > DEEPEST) {
            return (first.isBoolean() && !first.asBoolean()) || (second.isBoolean() && !second.asBoolean());
        }
        for (String key : List.of("anyOf", "oneOf")) {
            if (first.has(key)) {
                return all(first.get(key), each -> apart(compiler, each, second, path, depth + 1));
            }
            if (second.has(key)) {
                return all(second.get(key), each -> apart(compiler, first, each, path, depth + 1));
            }
        }
        Set<JsonNode> values = values(first);
        Set<JsonNode> others = values(second);
        if (!values.isEmpty() && !others.isEmpty()) {
            return values.stream().noneMatch(others::contains);
        }
        Set<String> types = types(first, values, path);
        types.retainAll(types(second, others, path));
        if (types.isEmpty()) {
            return true;
        }
        if (types.equals(Set.of("string")) && values.isEmpty() && others.isEmpty()) {
            return Operations.isEmpty(Operations.intersection(Strings.of(first, path), Strings.of(second, path)));
        }
        return types.equals(Set.of("object")) && byProperty(compiler, first, second, path, depth);
    }

    private static boolean byProperty(
            SchemaCompiler compiler, JsonNode first, JsonNode second, String path, int depth) {
        for (JsonNode name : first.path("required")) {
            JsonNode one = first.path("properties").path(name.asText());
            JsonNode other = second.path("properties").path(name.asText());
            boolean both = contains(second.path("required"), name);
            if (both
                    && !one.isMissingNode()
                    && !other.isMissingNode()
                    && apart(compiler, one, other, path, depth + 1)) {
                return true;
            }
        }
        return closes(first, second) || closes(second, first);
    }

    /** True if one requires a property that the other does not allow. */
    private static boolean closes(JsonNode closed, JsonNode other) {
        boolean open = !closed.has("additionalProperties")
                || !closed.get("additionalProperties").isBoolean()
                || closed.get("additionalProperties").asBoolean();
        return !open
                && !all(
                        other.path("required"),
                        name -> closed.path("properties").has(name.asText()));
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        return !all(list, each -> !each.equals(value));
    }

    private static boolean all(JsonNode list, Predicate<JsonNode> holds) {
        for (JsonNode each : list) {
            if (!holds.test(each)) {
                return false;
            }
        }
        return true;
    }

    private static Set<JsonNode> values(JsonNode schema) {
        List<JsonNode> values = new ArrayList<>();
        schema.path("enum").forEach(values::add);
        if (schema.has("const")) {
            values = List.of(schema.get("const"));
        }
        return values.stream().map(Disjoint::plain).collect(Collectors.toSet());
    }

    /** Numbers are equal where their values are. */
    private static JsonNode plain(JsonNode value) {
        return value.isNumber() ? DecimalNode.valueOf(new BigDecimal(value.asText()).stripTrailingZeros()) : value;
    }

    /** The types, where an integer is a number. */
    private static Set<String> types(JsonNode schema, Set<JsonNode> values, String path) {
        Set<String> types = new HashSet<>();
        if (values.isEmpty()) {
            types.addAll(Keywords.types(schema, path));
        } else {
            for (JsonNode value : values) {
                types.add(
                        value.isTextual()
                                ? "string"
                                : value.isNumber()
                                        ? "number"
                                        : value.isNull()
                                                ? "null"
                                                : value.isBoolean() ? "boolean" : value.isArray() ? "array" : "object");
            }
        }
        if (types.remove("integer")) {
            types.add("number");
        }
        return types;
    }
}
