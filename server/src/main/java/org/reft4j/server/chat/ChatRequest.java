package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.http.ApiError;

/**
 * The body of a chat request.
 *
 * @param tools names of the tools that may be called
 * @param single true for at most one call of a tool
 * @param named true if the caller names the tool to call
 * @param alternatives negative where nobody wants log-probabilities
 */
record ChatRequest(
        Wish wish, SampleRequest.Prompt prompt, Set<String> tools, boolean single, boolean named, int alternatives) {
    private static final int MOST_ALTERNATIVES = 20;

    static ChatRequest of(Fields fields) {
        int legacy = fields.integer("max_tokens", 1, Integer.MAX_VALUE, 0);
        Wish wish = Wish.of(fields, fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE, legacy));
        boolean logprobs = fields.flag("logprobs");
        if (fields.has("top_logprobs") && !logprobs) {
            throw ApiError.invalid("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        }
        int alternatives = fields.integer("top_logprobs", 0, MOST_ALTERNATIVES, 0);
        JsonNode tools = tools(fields);
        JsonNode calls = tools == null ? null : calls(fields.get("tool_choice"), tools);
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        fields.get("chat_template_kwargs").properties().forEach(each -> variables.put(each.getKey(), each.getValue()));
        return new ChatRequest(
                wish,
                SampleRequest.Prompt.chat(Conversation.of(fields.get("messages")), tools, calls, variables),
                names(tools),
                fields.has("parallel_tool_calls") && !fields.flag("parallel_tool_calls"),
                fields.get("tool_choice").path("type").asText().equals("function"),
                logprobs ? alternatives : -1);
    }

    /** The reason for the end of a reply with calls: of one whose tool the caller named it is that of any other reply, as OpenAI's. */
    String called() {
        return named ? "stop" : "tool_calls";
    }

    private static @Nullable JsonNode tools(Fields fields) {
        JsonNode tools = fields.get("tools");
        JsonNode choice = fields.get("tool_choice");
        if (tools.isMissingNode() || tools.isEmpty()) {
            if (!choice.isMissingNode() && !List.of("auto", "none").contains(choice.asText())) {
                throw ApiError.invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
            }
            return null;
        }
        for (int i = 0; i < tools.size(); i++) {
            JsonNode tool = tools.get(i);
            if (!tools.isArray()
                    || !tool.path("type").asText().equals("function")
                    || tool.path("function").path("name").asText().isEmpty()) {
                throw ApiError.invalid(
                        "tools[" + i + "]",
                        "'tools[" + i
                                + "]' must be {\"type\": \"function\", \"function\": {\"name\": …, \"parameters\": …}}.");
            }
        }
        return choice.asText().equals("none") ? null : tools;
    }

    /** The tools of which the reply must call one; {@code null} where it need not. */
    private static @Nullable JsonNode calls(JsonNode choice, JsonNode tools) {
        if (choice.isMissingNode() || choice.asText().equals("auto")) {
            return null;
        }
        if (choice.asText().equals("required")) {
            return tools;
        }
        JsonNode allowed = choice.path("allowed_tools");
        switch (choice.path("type").asText()) {
            case "function" -> {
                return named(Json.PLAIN.createArrayNode().add(choice), tools);
            }
            case "allowed_tools" -> {
                JsonNode some = named(allowed.path("tools"), tools);
                return allowed.path("mode").asText().equals("required") ? some : null;
            }
            default ->
                throw ApiError.invalid(
                        "tool_choice",
                        "'tool_choice' is " + choice + "; expected auto, none, required, or {\"type\": \"function\","
                                + " \"function\": {\"name\": …}}.");
        }
    }

    private static JsonNode named(JsonNode choices, JsonNode tools) {
        ArrayNode found = Json.PLAIN.createArrayNode();
        for (JsonNode choice : choices) {
            String name = choice.path("function").path("name").asText();
            int before = found.size();
            tools.forEach(tool -> {
                if (tool.path("function").path("name").asText().equals(name)) {
                    found.add(tool);
                }
            });
            if (found.size() == before) {
                throw ApiError.invalid(
                        "tool_choice", "'tool_choice' names the function '" + name + "', which is not in 'tools'.");
            }
        }
        return found;
    }

    private static Set<String> names(@Nullable JsonNode tools) {
        Set<String> names = new LinkedHashSet<>();
        if (tools != null) {
            tools.forEach(tool -> names.add(tool.path("function").path("name").asText()));
        }
        return names;
    }
}
