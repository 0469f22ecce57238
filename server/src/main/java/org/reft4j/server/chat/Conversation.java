package org.reft4j.server.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;

/** Messages of a request as chat templates expect them. */
final class Conversation {
    /** Roles, and what templates call them. */
    private static final Map<String, String> ROLES = Map.of(
            "system", "system",
            "developer", "system",
            "user", "user",
            "assistant", "assistant",
            "tool", "tool",
            "function", "tool");

    private Conversation() {}

    /**
     * Checks messages; joins their text parts, and takes the arguments of tool calls for the objects that they are.
     *
     * @throws ApiError that names the message at fault
     */
    static ArrayNode of(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiError.invalid("messages", "'messages' must be a list of at least one message.");
        }
        ArrayNode plain = Json.PLAIN.createArrayNode();
        for (int i = 0; i < messages.size(); i++) {
            plain.add(message(messages.get(i), "messages[" + i + "]"));
        }
        return plain;
    }

    private static ObjectNode message(JsonNode given, String place) {
        String role = given.path("role").asText();
        String known = ROLES.get(role);
        if (known == null) {
            throw ApiError.invalid(
                    place + ".role",
                    "Invalid value for '" + place + ".role': '" + role
                            + "'; expected system, developer, user, assistant, tool or function.");
        }
        ObjectNode plain = Json.PLAIN.createObjectNode().put("role", known);
        boolean calls =
                given.path("tool_calls").isArray() && !given.path("tool_calls").isEmpty();
        plain.put("content", content(given.path("content"), place + ".content", calls || known.equals("assistant")));
        if (given.hasNonNull("name")) {
            plain.set("name", given.get("name"));
        }
        if (given.hasNonNull("tool_call_id")) {
            plain.set("tool_call_id", given.get("tool_call_id"));
        }
        if (given.hasNonNull("reasoning_content")) {
            plain.set("reasoning_content", given.get("reasoning_content"));
        }
        if (calls) {
            ArrayNode all = plain.putArray("tool_calls");
            given.path("tool_calls").forEach(call -> all.add(call(call, place + ".tool_calls")));
        }
        return plain;
    }

    private static String content(JsonNode content, String place, boolean optional) {
        if (content.isTextual()) {
            return content.asText();
        }
        if ((content.isNull() || content.isMissingNode()) && optional) {
            return "";
        }
        if (!content.isArray()) {
            throw ApiError.invalid(place, "Invalid value for '" + place + "': expected a text or a list of parts.");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            JsonNode part = content.get(i);
            String type = part.path("type").asText();
            switch (type) {
                case "text", "input_text", "output_text" ->
                    text.append(part.path("text").asText());
                case "refusal" -> text.append(part.path("refusal").asText());
                default ->
                    throw ApiError.invalid(
                            place + "[" + i + "].type",
                            "Invalid value for '" + place + "[" + i + "].type': '" + type
                                    + "'; models here read text only.");
            }
        }
        return text.toString();
    }

    private static ObjectNode call(JsonNode given, String place) {
        ObjectNode plain = Json.PLAIN.createObjectNode();
        plain.put("id", given.path("id").asText()).put("type", "function");
        ObjectNode function = plain.putObject("function");
        String name = given.path("function").path("name").asText();
        if (name.isEmpty()) {
            throw ApiError.invalid(place, "A tool call in '" + place + "' has no function.name.");
        }
        JsonNode arguments = given.path("function").path("arguments");
        function.put("name", name).set("arguments", object(arguments));
        return plain;
    }

    /** Templates write the arguments as JSON themselves. */
    private static JsonNode object(JsonNode arguments) {
        try {
            JsonNode read = arguments.isTextual() ? Json.PLAIN.readTree(arguments.asText()) : arguments;
            return read.isObject() ? read : arguments;
        } catch (JsonProcessingException e) {
            return arguments;
        }
    }
}
