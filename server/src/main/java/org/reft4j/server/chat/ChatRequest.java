package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.http.ApiError;

/**
 * The body of a chat request.
 *
 * @param tools names of the tools that may be called
 * @param single true for at most one call of a tool
 * @param alternatives negative where nobody wants log-probabilities
 */
record ChatRequest(Wish wish, SampleRequest.Prompt prompt, Set<String> tools, boolean single, int alternatives) {
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
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        fields.get("chat_template_kwargs").properties().forEach(each -> variables.put(each.getKey(), each.getValue()));
        return new ChatRequest(
                wish,
                SampleRequest.Prompt.chat(Conversation.of(fields.get("messages")), tools, variables),
                names(tools),
                fields.has("parallel_tool_calls") && !fields.flag("parallel_tool_calls"),
                logprobs ? alternatives : -1);
    }

    private static @Nullable JsonNode tools(Fields fields) {
        JsonNode tools = fields.get("tools");
        String choice = choice(fields, !tools.isEmpty());
        if (tools.isMissingNode() || tools.isEmpty() || choice.equals("none")) {
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
        return tools;
    }

    private static String choice(Fields fields, boolean any) {
        JsonNode choice = fields.get("tool_choice");
        if (choice.isMissingNode()
                || choice.asText().equals("auto")
                || choice.asText().equals("none")) {
            return choice.asText();
        }
        if (!any) {
            throw ApiError.invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
        }
        throw ApiError.invalid(
                "tool_choice",
                "'tool_choice' is " + choice
                        + "; this server takes auto and none: it does not make a model call a tool."
                        + " Ask for arguments with 'response_format' instead.");
    }

    private static Set<String> names(@Nullable JsonNode tools) {
        Set<String> names = new LinkedHashSet<>();
        if (tools != null) {
            tools.forEach(tool -> names.add(tool.path("function").path("name").asText()));
        }
        return names;
    }
}
