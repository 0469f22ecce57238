package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/** Members of an object: the declared properties in the schema's order, then additional ones. */
final class Members {
    private final SchemaCompiler compiler;
    private final Network network;
    private final String path;
    /** Rules of the declared properties, and of those that are only required. */
    private final Map<String, Integer> rules = new LinkedHashMap<>();

    private final Set<String> required = new HashSet<>();
    private final JsonNode additional;
    private final Automaton keys;
    private final int least;
    private final int most;
    /** Members beyond this number are not counted. */
    private final int counted;

    Members(SchemaCompiler compiler, JsonNode schema, String path) {
        this.compiler = compiler;
        this.network = compiler.network();
        this.path = path;
        this.additional = schema.has("additionalProperties") ? schema.get("additionalProperties") : BooleanNode.TRUE;
        if (schema.has("properties") && !schema.get("properties").isObject()) {
            throw SchemaException.at(path, "properties is " + schema.get("properties") + "; expected an object");
        }
        if (schema.has("required") && !schema.get("required").isArray()) {
            throw SchemaException.at(path, "required is " + schema.get("required") + "; expected a list of names");
        }
        schema.path("required").forEach(name -> required.add(name.asText()));
        Automaton names = schema.has("propertyNames") ? names(schema.get("propertyNames")) : Automata.makeAnyString();
        for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
            String place =
                    path + "/properties/" + each.getKey().replace("~", "~0").replace("/", "~1");
            JsonNode value = Operations.run(names, each.getKey()) ? each.getValue() : BooleanNode.FALSE;
            rules.put(each.getKey(), compiler.rule(value, place));
        }
        schema.path("required").forEach(name -> {
            if (!rules.containsKey(name.asText())) {
                JsonNode value = Operations.run(names, name.asText()) ? additional : BooleanNode.FALSE;
                rules.put(name.asText(), compiler.rule(value, path + "/additionalProperties"));
            }
        });
        this.keys = Strings.without(names, rules.keySet());
        this.least = Keywords.count(schema, "minProperties", 0, path);
        this.most = Keywords.count(schema, "maxProperties", Integer.MAX_VALUE, path);
        this.counted = most < Integer.MAX_VALUE ? Math.max(most, 1) : Math.max(least, 1);
        if (least > required.size() && !additional.equals(BooleanNode.FALSE)) {
            throw SchemaException.at(
                    path,
                    "minProperties beside additional properties, whose names could repeat, cannot be held while sampling; require the"
                            + " properties by name");
        }
    }

    private Automaton names(JsonNode schema) {
        String place = path + "/propertyNames";
        JsonNode names = compiler.resolved(schema, place);
        Keywords.check(names, place);
        if (names.isBoolean()) {
            return names.asBoolean() ? Automata.makeAnyString() : Automata.makeEmpty();
        }
        JsonNode rest =
                Keywords.assertions(names, "type", "minLength", "maxLength", "pattern", "format", "enum", "const");
        if (!rest.isEmpty()) {
            throw SchemaException.at(
                    place,
                    "\"" + rest.fieldNames().next()
                            + "\" for names; expected minLength, maxLength, pattern, format, enum or const");
        }
        Automaton all = Strings.of(names, place);
        for (String key : List.of("enum", "const")) {
            if (names.has(key)) {
                List<String> texts = new ArrayList<>();
                (key.equals("enum") ? names.get(key) : List.of(names.get(key)))
                        .forEach(text -> texts.add(text.asText()));
                all = Operations.intersection(all, Strings.oneOf(texts));
            }
        }
        return Operations.removeDeadStates(Operations.determinize(all, Integer.MAX_VALUE));
    }

    void edges(int from, int to) {
        int open = network.state();
        network.read(from, '{', '{', open);
        int[] before = states();
        network.skip(open, before[0]);
        for (Map.Entry<String, Integer> each : rules.entrySet()) {
            int[] after = states();
            for (int count = 0; count <= counted; count++) {
                if (!required.contains(each.getKey())) {
                    network.skip(before[count], after[count]);
                }
                member(before, count, after, Automata.makeString(each.getKey()), each.getValue());
            }
            before = after;
        }
        if (!additional.equals(BooleanNode.FALSE)) {
            int rule = compiler.rule(additional, path + "/additionalProperties");
            for (int count = 0; count <= counted; count++) {
                member(before, count, before, keys, rule);
            }
        }
        for (int count = 0; count <= counted; count++) {
            if (count >= least && count <= most) {
                compiler.closing(before[count], '}', to);
            }
        }
    }

    private int[] states() {
        int[] states = new int[counted + 1];
        for (int i = 0; i < states.length; i++) {
            states[i] = network.state();
        }
        return states;
    }

    private void member(int[] before, int count, int[] after, Automaton key, int rule) {
        if (count >= most) {
            return;
        }
        int written = network.state();
        compiler.quoted(key, compiler.entry(before[count], count == 0), written);
        network.call(compiler.colon(written), rule, after[Math.min(count + 1, counted)]);
    }
}
