package org.reft4j.model.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.files.Json;

/**
 * The form that completions must have: JSON of a schema, or any JSON object. Written as OpenAI's {@code response_format}, nested as its chats
 * have it or flat as Azure's.
 *
 * @param json in the nested form
 */
public record ResponseFormat(JsonNode json) {
    private static final String TYPE = "type";
    private static final String SCHEMA = "json_schema";
    private static final String OBJECT = "json_object";
    private static final List<String> PARTS = List.of("name", "description", "strict", "schema");

    /** Any JSON object. */
    public static final ResponseFormat ANY_OBJECT =
            new ResponseFormat(Json.PLAIN.createObjectNode().put(TYPE, OBJECT));

    /**
     * Reads a response format and checks that its schema can be held.
     *
     * @return empty for {@code text}, which asks for nothing
     * @throws SchemaException if it is none, or its schema asks for something that cannot be held while sampling
     */
    public static Optional<ResponseFormat> read(JsonNode given) {
        JsonNode json = plain(given);
        String type = json.path(TYPE).asText();
        if (!json.isObject() || !List.of("text", OBJECT, SCHEMA).contains(type)) {
            throw new SchemaException(
                    "type is " + json.path(TYPE) + "; expected json_schema, json_object or text, as in {\"type\":"
                            + " \"json_schema\", \"json_schema\": {\"name\": \"answer\", \"schema\": {…}}}");
        }
        if (!type.equals(SCHEMA)) {
            requireKeys(json, List.of(TYPE));
            return type.equals(OBJECT) ? Optional.of(ANY_OBJECT) : Optional.empty();
        }
        boolean flat = !json.has(SCHEMA);
        if (flat) {
            requireKeys(json, List.of(TYPE, "name", "description", "strict", "schema"));
        } else {
            requireKeys(json, List.of(TYPE, SCHEMA));
            requireKeys(json.get(SCHEMA), PARTS);
        }
        JsonNode parts = flat ? json : json.get(SCHEMA);
        if (!parts.has("schema")) {
            throw new SchemaException("json_schema has no schema; expected {\"name\": \"answer\", \"schema\": {…}}");
        }
        ObjectNode nested = Json.PLAIN.createObjectNode().put(TYPE, SCHEMA);
        ObjectNode inner = nested.putObject(SCHEMA);
        for (String part : PARTS) {
            if (parts.has(part)) {
                inner.set(part, parts.get(part));
            }
        }
        ResponseFormat format = new ResponseFormat(nested);
        SchemaCompiler.compile(format.schema(), Alphabet.ALL);
        return Optional.of(format);
    }

    /** The same values, of the node types that reading a text gives. */
    private static JsonNode plain(JsonNode given) {
        try {
            return Json.PLAIN.readTree(given.toString());
        } catch (JsonProcessingException e) {
            throw new SchemaException("it is not JSON: " + e.getOriginalMessage());
        }
    }

    private static void requireKeys(JsonNode json, List<String> known) {
        for (Map.Entry<String, JsonNode> each : json.properties()) {
            if (!known.contains(each.getKey())) {
                throw new SchemaException(
                        "the key \"" + each.getKey() + "\" is not known; expected " + String.join(", ", known));
            }
        }
    }

    /** A few words for people. */
    public String words() {
        String name = json.path(SCHEMA).path("name").asText();
        return json.path(TYPE).asText().equals(OBJECT)
                ? "any JSON object"
                : "JSON of the schema" + (name.isEmpty() ? "" : " " + name);
    }

    /** The schema of a completion. */
    public JsonNode schema() {
        return json.path(TYPE).asText().equals(OBJECT)
                ? Json.PLAIN.createObjectNode().put(TYPE, "object")
                : json.path(SCHEMA).path("schema");
    }
}
