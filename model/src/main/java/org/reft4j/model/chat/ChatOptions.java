package org.reft4j.model.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/**
 * Input of a chat template besides the messages.
 *
 * @param tools descriptions of tools, a JSON array as in OpenAI's interface; {@code null}: none
 * @param addGenerationPrompt whether the text ends with what stands in front of the assistant's next words
 * @param variables further variables by name, such as {@code enable_thinking}; they win over the usual ones
 * @param clock for templates that write the date
 */
public record ChatOptions(
        @Nullable JsonNode tools, boolean addGenerationPrompt, Map<String, JsonNode> variables, Clock clock) {

    public ChatOptions {
        variables = new LinkedHashMap<>(variables);
    }

    /** For the assistant's next words: no tools, no variables, the machine's clock. */
    public static ChatOptions prompt() {
        return new ChatOptions(null, true, Map.of(), Clock.system(ZoneId.systemDefault()));
    }

    public ChatOptions withTools(@Nullable JsonNode described) {
        return new ChatOptions(described, addGenerationPrompt, variables, clock);
    }

    public ChatOptions withGenerationPrompt(boolean add) {
        return new ChatOptions(tools, add, variables, clock);
    }

    public ChatOptions withVariable(String name, Object value) {
        Map<String, JsonNode> more = new LinkedHashMap<>(variables);
        more.put(name, Json.PLAIN.valueToTree(value));
        return new ChatOptions(tools, addGenerationPrompt, more, clock);
    }

    public ChatOptions withClock(Clock other) {
        return new ChatOptions(tools, addGenerationPrompt, variables, other);
    }
}
