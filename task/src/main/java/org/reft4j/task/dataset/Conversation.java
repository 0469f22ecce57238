package org.reft4j.task.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a system, a user and an assistant, in the order in which they were written. How they are put to a model is the model's own
 * affair: its chat template.
 *
 * @param messages objects with {@code role}, {@code content} and whatever else a template reads; not to be changed
 * @param tools descriptions of tools that the assistant may call, if any
 */
public record Conversation(ArrayNode messages, @Nullable ArrayNode tools) {
    private static final String ASSISTANT = "assistant";

    /** The conversation that the assistant is given to answer: without its answer, if it ends in one. */
    public Conversation question() {
        if (!answered()) {
            return this;
        }
        ArrayNode before = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i + 1 < messages.size(); i++) {
            before.add(messages.get(i));
        }
        return new Conversation(before, tools);
    }

    /** True if the last message is the assistant's. */
    public boolean answered() {
        return role(last()).equals(ASSISTANT);
    }

    /** Number of the assistant's messages that are to be learned; a {@code weight} of 0 leaves one out. */
    public int turns() {
        int turns = 0;
        for (JsonNode message : messages) {
            turns += role(message).equals(ASSISTANT) && message.path("weight").asInt(1) != 0 ? 1 : 0;
        }
        return turns;
    }

    /** The last message's text. */
    public String lastText() {
        return text(last());
    }

    /** For people: a single message as it is, several with their roles. */
    public String shown() {
        List<String> lines = new ArrayList<>();
        for (JsonNode message : messages) {
            lines.add(messages.size() == 1 ? text(message) : role(message) + ": " + text(message));
        }
        return String.join("\n", lines);
    }

    private JsonNode last() {
        return messages.path(messages.size() - 1);
    }

    private static String role(JsonNode message) {
        return message.path("role").asText();
    }

    private static String text(JsonNode message) {
        JsonNode content = message.path("content");
        return content.isTextual() ? content.textValue() : content.isContainerNode() ? content.toString() : "";
    }
}
