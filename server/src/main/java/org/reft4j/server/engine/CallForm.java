package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Optional;
import org.reft4j.ground.files.Json;

/**
 * The form in which a model writes a call of a tool, as its chat template teaches it. A reply that must be a call is opened with the prompt
 * and held to a schema.
 *
 * @param opening text before the call
 * @param arguments name of the arguments in the call
 * @param list true if calls stand in a list
 */
record CallForm(String opening, String arguments, boolean list) {
    private static final String DEFINITIONS = "$defs";

    /** The form that chat templates teach; empty if it is no JSON, or they know no tools. */
    static Optional<CallForm> of(Collection<String> templates) {
        String all = String.join("\n", templates);
        if (!all.contains("tools") || all.contains("<function=") || all.contains("[ARGS]")) {
            return Optional.empty();
        }
        if (all.contains("<tool_call>")) {
            return Optional.of(new CallForm("<tool_call>\n", "arguments", false));
        }
        if (all.contains("[TOOL_CALLS]")) {
            return Optional.of(new CallForm("[TOOL_CALLS]", "arguments", true));
        }
        return all.contains("\"parameters\": dictionary")
                ? Optional.of(new CallForm("", "parameters", false))
                : Optional.empty();
    }

    /** The response format of one call of one of some tools. */
    JsonNode format(JsonNode tools) {
        ObjectNode schema = Json.PLAIN.createObjectNode();
        ObjectNode definitions = Json.PLAIN.createObjectNode();
        ObjectNode one = list ? Json.PLAIN.createObjectNode() : schema;
        ArrayNode calls = one.putArray("anyOf");
        for (int i = 0; i < tools.size(); i++) {
            JsonNode function = tools.get(i).path("function");
            String place = "#/" + DEFINITIONS + "/tool" + i;
            JsonNode parameters = function.path("parameters");
            definitions.set(
                    "tool" + i,
                    parameters.isObject()
                            ? moved(parameters, place)
                            : Json.PLAIN.createObjectNode().put("type", "object"));
            ObjectNode call = calls.addObject().put("type", "object");
            ObjectNode members = call.putObject("properties");
            members.putObject("name").put("const", function.path("name").asText());
            members.putObject(arguments).put("$ref", place);
            call.putArray("required").add("name").add(arguments);
            call.put("additionalProperties", false);
        }
        if (list) {
            schema.put("type", "array").put("minItems", 1).put("maxItems", 1).set("items", one);
        }
        schema.set(DEFINITIONS, definitions);
        ObjectNode format = Json.PLAIN.createObjectNode().put("type", "json_schema");
        format.putObject("json_schema").put("name", "call").set("schema", schema);
        return format;
    }

    /** A schema whose references lead to the place that it has now. */
    private static JsonNode moved(JsonNode schema, String place) {
        JsonNode copy = schema.deepCopy();
        move(copy, place);
        return copy;
    }

    private static void move(JsonNode node, String place) {
        if (node instanceof ObjectNode object
                && object.path("$ref").isTextual()
                && object.path("$ref").asText().startsWith("#")) {
            object.put("$ref", place + object.path("$ref").asText().substring(1));
        }
        node.forEach(each -> move(each, place));
    }
}
