package org.reft4j.model.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;

/**
 * Compiler of a JSON schema to a network over bytes: a rule for each schema in it. Between two parts of a value may stand nothing, a space,
 * or a line break with up to {@value #INDENTATION} spaces; behind a colon nothing or a space; before the whole value nothing, a space or a
 * line break.
 */
final class SchemaCompiler {
    private static final int INDENTATION = 20;
    /** Schemas that {@code allOf} joins without end grow their path; no sensible one comes near. */
    private static final int LONGEST_PATH = 2_000;

    private static final JsonNode ANY = JsonNodeFactory.instance.objectNode();

    private final JsonNode root;
    private final Network network;
    private final CharacterEdges characters;
    private final Map<String, Integer> rules = new HashMap<>();
    private final int space;
    private final int anyString;

    private SchemaCompiler(JsonNode root, Alphabet alphabet) {
        this.root = root;
        this.network = new Network(alphabet.bytes());
        this.characters = new CharacterEdges(network, alphabet);
        this.space = network.rule();
        spaces();
        this.anyString = network.rule();
        quoted(Automata.makeAnyString(), network.start(anyString), network.end(anyString));
    }

    /** @param rule the one of the whole text */
    record Compiled(Network network, int rule) {}

    /** @throws SchemaException if the schema asks for something that cannot be held, or that no value has */
    static Compiled compile(JsonNode schema, Alphabet alphabet) {
        SchemaCompiler compiler = new SchemaCompiler(schema, alphabet);
        Network network = compiler.network;
        int whole = network.rule();
        int from = network.start(whole);
        int value = network.state();
        network.skip(from, value);
        network.read(from, ' ', ' ', value);
        network.read(from, '\n', '\n', value);
        network.call(value, compiler.rule(schema, ""), network.end(whole));
        network.close(whole);
        return new Compiled(network, whole);
    }

    private void spaces() {
        int from = network.start(space);
        int to = network.end(space);
        network.skip(from, to);
        network.read(from, ' ', ' ', to);
        int line = network.state();
        network.read(from, '\n', '\n', line);
        for (int i = 0; i < INDENTATION; i++) {
            network.skip(line, to);
            int next = network.state();
            network.read(line, ' ', ' ', next);
            line = next;
        }
        network.skip(line, to);
    }

    /** The rule of a schema at a place; each is compiled once, so that schemas may refer to themselves. */
    int rule(JsonNode schema, String place) {
        boolean any = schema.equals(BooleanNode.TRUE) || (schema.isObject() && schema.isEmpty());
        String path = any ? "*" : place;
        Integer known = rules.get(path);
        if (known != null) {
            return known;
        }
        if (path.length() > LONGEST_PATH) {
            throw SchemaException.at(path.substring(0, 80) + "…", "schemas are joined without end; write them out");
        }
        int rule = network.rule();
        rules.put(path, rule);
        value(schema, path, network.start(rule), network.end(rule));
        return rule;
    }

    Network network() {
        return network;
    }

    private void value(JsonNode schema, String path, int from, int to) {
        Keywords.check(schema, path);
        if (schema.equals(BooleanNode.FALSE)) {
            return;
        }
        if (schema.has("$ref")) {
            reference(schema, path, from, to);
        } else if (schema.has("allOf")) {
            JsonNode all = Keywords.assertions(schema, "allOf");
            for (JsonNode each : alternatives(schema, "allOf", path)) {
                all = Keywords.both(all, resolved(each, path), path);
            }
            network.call(from, rule(all, path + "&"), to);
        } else if (schema.has("anyOf") || schema.has("oneOf")) {
            choice(schema, schema.has("anyOf") ? "anyOf" : "oneOf", path, from, to);
        } else if (schema.has("const") || schema.has("enum")) {
            constants(schema, path, from, to);
        } else {
            JsonNode node = schema.isBoolean() ? ANY : schema;
            for (String type : Keywords.types(node, path)) {
                type(node, type, path, from, to);
            }
        }
    }

    private static JsonNode alternatives(JsonNode schema, String key, String path) {
        JsonNode all = schema.get(key);
        if (!all.isArray() || all.isEmpty()) {
            throw SchemaException.at(path, key + " is " + all + "; expected a list of schemas");
        }
        return all;
    }

    private void reference(JsonNode schema, String path, int from, int to) {
        ObjectNode beside = Keywords.assertions(schema, "$ref");
        String target = schema.get("$ref").asText();
        if (beside.isEmpty()) {
            network.call(from, rule(target(target, path), pointer(target, path)), to);
        } else {
            network.call(from, rule(Keywords.both(beside, resolved(schema, path, 0), path), path + "&"), to);
        }
    }

    private static String pointer(String target, String path) {
        if (!target.startsWith("#") || (target.length() > 1 && target.charAt(1) != '/')) {
            throw SchemaException.at(
                    path, "$ref is \"" + target + "\"; expected a place in this schema, such as #/$defs/step");
        }
        return URLDecoder.decode(target.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private JsonNode target(String target, String path) {
        JsonNode found = root.at(JsonPointer.compile(pointer(target, path)));
        if (found.isMissingNode()) {
            throw SchemaException.at(path, "$ref is \"" + target + "\", which the schema does not have");
        }
        return found;
    }

    /** A schema with its own reference followed. */
    JsonNode resolved(JsonNode schema, String path) {
        if (!schema.has("$ref")) {
            return schema;
        }
        JsonNode beside = Keywords.assertions(schema, "$ref");
        return Keywords.both(beside, resolved(schema, path, 0), path);
    }

    private JsonNode resolved(JsonNode schema, String path, int depth) {
        if (depth > 32) {
            throw SchemaException.at(path, "$ref leads in a circle");
        }
        JsonNode target = target(schema.get("$ref").asText(), path);
        Keywords.check(target, path);
        return target.has("$ref")
                ? Keywords.both(Keywords.assertions(target, "$ref"), resolved(target, path, depth + 1), path)
                : target;
    }

    private void choice(JsonNode schema, String key, String path, int from, int to) {
        ObjectNode beside = Keywords.assertions(schema, key);
        JsonNode all = alternatives(schema, key, path);
        if (key.equals("oneOf")) {
            Disjoint.require(this, all, path);
        }
        for (int i = 0; i < all.size(); i++) {
            String place = path + "/" + key + "/" + i;
            if (beside.isEmpty()) {
                network.call(from, rule(all.get(i), place), to);
            } else {
                Keywords.check(all.get(i), place);
                JsonNode both = Keywords.both(beside, resolved(all.get(i), place), place);
                network.call(from, rule(both, place + "&"), to);
            }
        }
    }

    private void type(JsonNode schema, String type, String path, int from, int to) {
        switch (type) {
            case "null" -> network.read(from, "null", to);
            case "boolean" -> {
                network.read(from, "true", to);
                network.read(from, "false", to);
            }
            case "integer", "number" -> digits(Numbers.of(schema, type.equals("integer"), path), from, to);
            case "string" -> {
                if (Strings.limits(schema)) {
                    quoted(Strings.of(schema, path), from, to);
                } else {
                    network.call(from, anyString, to);
                }
            }
            case "array" -> list(schema, path, from, to);
            default -> new Members(this, schema, path).edges(from, to);
        }
    }

    private void digits(Automaton numbers, int from, int to) {
        int first = network.state();
        for (int i = 1; i < numbers.getNumStates(); i++) {
            network.state();
        }
        network.skip(from, first);
        Transition transition = new Transition();
        for (int state = 0; state < numbers.getNumStates(); state++) {
            if (numbers.isAccept(state)) {
                network.skip(first + state, to);
            }
            int count = numbers.initTransition(state, transition);
            for (int t = 0; t < count; t++) {
                numbers.getNextTransition(transition);
                network.read(first + state, transition.min, transition.max, first + transition.dest);
            }
        }
    }

    /** A string in quotation marks. */
    void quoted(Automaton strings, int from, int to) {
        int open = network.state();
        int closing = network.state();
        network.read(from, '"', '"', open);
        characters.strings(strings, open, closing);
        network.read(closing, '"', '"', to);
    }

    /** Separator before an entry of an object or a list. */
    int entry(int from, boolean first) {
        int comma = network.state();
        if (first) {
            network.skip(from, comma);
        } else {
            network.read(from, ',', ',', comma);
        }
        int entry = network.state();
        network.call(comma, space, entry);
        return entry;
    }

    /** A colon and what may stand behind it. */
    int colon(int from) {
        int colon = network.state();
        int value = network.state();
        network.read(from, ':', ':', colon);
        network.skip(colon, value);
        network.read(colon, ' ', ' ', value);
        return value;
    }

    /** A closing bracket. */
    void closing(int from, char bracket, int to) {
        int spaced = network.state();
        network.call(from, space, spaced);
        network.read(spaced, bracket, bracket, to);
    }

    private void list(JsonNode schema, String path, int from, int to) {
        int least = Keywords.count(schema, "minItems", 0, path);
        int most = Keywords.count(schema, "maxItems", Integer.MAX_VALUE, path);
        if (schema.path("uniqueItems").asBoolean() && most > 1) {
            throw SchemaException.at(
                    path, "uniqueItems cannot be held while sampling; leave it out, or let maxItems be 1");
        }
        if (schema.path("items").isArray()) {
            throw SchemaException.at(path, "items is a list; write prefixItems");
        }
        JsonNode first = schema.path("prefixItems");
        JsonNode items = schema.has("items") ? schema.get("items") : BooleanNode.TRUE;
        int last = most == Integer.MAX_VALUE ? Math.max(1, Math.max(least, first.size())) : most;
        int before = network.state();
        network.read(from, '[', '[', before);
        for (int count = 0; count <= last && least <= most; count++) {
            if (count >= least) {
                closing(before, ']', to);
            }
            if (count < last || most == Integer.MAX_VALUE) {
                int item = count < first.size()
                        ? rule(first.get(count), path + "/prefixItems/" + count)
                        : rule(items, path + "/items");
                int after = count < last ? network.state() : before;
                network.call(entry(before, count == 0), item, after);
                before = after;
            }
        }
    }

    private void constants(JsonNode schema, String path, int from, int to) {
        List<JsonNode> values = new ArrayList<>();
        if (schema.has("enum")) {
            if (!schema.get("enum").isArray()) {
                throw SchemaException.at(path, "enum is " + schema.get("enum") + "; expected a list");
            }
            schema.get("enum").forEach(values::add);
        }
        if (schema.has("const")) {
            values = !schema.has("enum") || values.contains(schema.get("const"))
                    ? List.of(schema.get("const"))
                    : List.of();
        }
        ObjectNode rest = Keywords.assertions(schema, "enum", "const");
        List<JsonNode> left =
                values.stream().filter(value -> fits(value, rest, path)).toList();
        List<String> texts =
                left.stream().filter(JsonNode::isTextual).map(JsonNode::asText).toList();
        if (!texts.isEmpty()) {
            quoted(Strings.oneOf(texts), from, to);
        }
        left.stream().filter(value -> !value.isTextual()).forEach(value -> literal(value, from, to));
    }

    private static boolean fits(JsonNode value, ObjectNode rest, String path) {
        Set<String> types = rest.has("type") ? Keywords.types(rest, path) : Set.of();
        String type = value.isTextual()
                ? "string"
                : value.isNumber() ? "number" : value.isNull() ? "null" : value.isBoolean() ? "boolean" : "builds";
        if (type.equals("builds")) {
            type = value.isArray() ? "array" : "object";
            if (Keywords.builds(rest)) {
                throw SchemaException.at(
                        path,
                        "enum or const with lists or objects, and keywords that say how these are made; leave one out");
            }
        }
        boolean whole = value.isNumber()
                && new BigDecimal(value.asText()).stripTrailingZeros().scale() <= 0;
        if (!types.isEmpty() && !types.contains(type) && !(whole && types.contains("integer"))) {
            return false;
        }
        if (value.isTextual() && Strings.limits(rest)) {
            return Operations.run(Strings.of(rest, path), value.asText());
        }
        return !value.isNumber()
                || !Keywords.isNumeric(rest)
                || Operations.run(Numbers.of(rest, false, path), Numbers.text(value));
    }

    /** A value as it stands in the schema. */
    private void literal(JsonNode value, int from, int to) {
        if (value.isTextual()) {
            quoted(Automata.makeString(value.asText()), from, to);
        } else if (value.isArray() || value.isObject()) {
            int before = network.state();
            network.read(from, value.isArray() ? "[" : "{", before);
            boolean first = true;
            List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(value.properties());
            value.forEach(item -> {
                if (value.isArray()) {
                    entries.add(Map.entry("", item));
                }
            });
            for (Map.Entry<String, JsonNode> each : entries) {
                int at = entry(before, first);
                if (value.isObject()) {
                    int key = network.state();
                    quoted(Automata.makeString(each.getKey()), at, key);
                    at = colon(key);
                }
                before = network.state();
                literal(each.getValue(), at, before);
                first = false;
            }
            closing(before, value.isArray() ? ']' : '}', to);
        } else {
            network.read(from, value.toString(), to);
        }
    }
}
