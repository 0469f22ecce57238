package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SplittableRandom;
import org.reft4j.ground.files.Json;

/** Random schemas of what can be held. */
final class RandomSchemas {
    private static final List<String> PATTERNS = List.of(
            "^[a-z]{2,5}$",
            "^(yes|no)$",
            "\\d{3}",
            "^[^\"\\\\]+$",
            "^\\w+( \\w+)?$",
            "é|ü",
            "^[日本]{1,2}x?$",
            "^a.c$",
            "^\\S+$");
    private static final List<String> FORMATS =
            List.of("date", "time", "date-time", "duration", "hostname", "ipv4", "ipv6", "uuid", "uri");

    private final SplittableRandom random;

    RandomSchemas(long seed) {
        this.random = new SplittableRandom(seed);
    }

    ObjectNode next() {
        ObjectNode root = schema(0);
        ObjectNode tree = root.putObject("$defs").putObject("tree");
        tree.put("type", "object").put("additionalProperties", false);
        ObjectNode properties = tree.putObject("properties");
        properties.putObject("name").put("type", "string").put("maxLength", 4);
        properties.putObject("kids").put("type", "array").putObject("items").put("$ref", "#/$defs/tree");
        tree.putArray("required").add("name");
        return root;
    }

    private boolean maybe() {
        return random.nextBoolean();
    }

    private static ObjectNode object() {
        return Json.PLAIN.createObjectNode();
    }

    private ObjectNode schema(int depth) {
        return switch (random.nextInt(depth < 3 ? 11 : 5)) {
            case 0 -> string();
            case 1 -> number();
            case 2 -> object().put("type", maybe() ? "boolean" : "null");
            case 3 -> constants();
            case 4 -> object().put("$ref", "#/$defs/tree");
            case 5, 6, 7 -> members(depth);
            case 8, 9 -> list(depth);
            default -> choice(depth);
        };
    }

    private ObjectNode string() {
        ObjectNode string = object().put("type", "string");
        switch (random.nextInt(4)) {
            case 0 -> string.put("pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
            case 1 -> string.put("format", FORMATS.get(random.nextInt(FORMATS.size())));
            case 2 -> {
                int least = random.nextInt(4);
                string.put("minLength", least).put("maxLength", least + random.nextInt(4));
            }
            default -> string.put("description", "Free.");
        }
        return string;
    }

    private ObjectNode number() {
        ObjectNode number = object().put("type", maybe() ? "integer" : "number");
        double low = random.nextInt(-200, 200) / 4.0;
        if (maybe()) {
            number.put(maybe() ? "minimum" : "exclusiveMinimum", low);
        }
        if (maybe()) {
            number.put(maybe() ? "maximum" : "exclusiveMaximum", low + 2 + random.nextInt(300) / 8.0);
        }
        if (random.nextInt(4) == 0) {
            number.put("multipleOf", random.nextInt(1, 4) / 2 + 1);
        }
        return number;
    }

    private ObjectNode constants() {
        ObjectNode schema = object();
        if (maybe()) {
            ArrayNode values = schema.putArray("enum");
            values.add("red").add("grün \"1\"").add(12).add(1.5).addNull().add(true);
            values.addObject().put("a", 1).putArray("b").add("x").add(2);
        } else {
            schema.put("const", "a\nb\\");
        }
        return schema;
    }

    private ObjectNode members(int depth) {
        ObjectNode schema = object().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = Json.PLAIN.createArrayNode();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String name = List.of("name", "größe", "a\"b", "x").get(i);
            properties.set(name, schema(depth + 1));
            if (maybe()) {
                required.add(name);
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        if (maybe()) {
            schema.put("additionalProperties", false);
            if (maybe()) {
                schema.put("minProperties", required.size()).put("maxProperties", Math.max(1, count));
            }
        } else if (maybe()) {
            schema.set("additionalProperties", schema(depth + 1));
        }
        return schema;
    }

    private ObjectNode list(int depth) {
        ObjectNode schema = object().put("type", "array");
        if (maybe()) {
            schema.putArray("prefixItems").add(schema(depth + 1)).add(schema(depth + 1));
        }
        if (maybe()) {
            schema.set("items", schema(depth + 1));
        }
        int least = random.nextInt(3);
        if (maybe()) {
            schema.put("minItems", least);
        }
        if (maybe()) {
            schema.put("maxItems", least + random.nextInt(3));
        }
        return schema;
    }

    private ObjectNode choice(int depth) {
        ObjectNode schema = object();
        if (maybe()) {
            schema.putArray("anyOf")
                    .add(schema(depth + 1))
                    .add(schema(depth + 1))
                    .add(schema(depth + 1));
            return schema;
        }
        ArrayNode all = schema.putArray("oneOf");
        for (String kind : List.of("one", "two")) {
            ObjectNode each = all.addObject().put("type", "object");
            each.putObject("properties").set("kind", object().put("const", kind));
            each.putArray("required").add("kind");
            each.put("additionalProperties", maybe());
        }
        all.add(string());
        return schema;
    }
}
