package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The methods of training, each with the rows that it learns from. */
public enum TrainingMethod {
    SUPERVISED(10, Integer.MAX_VALUE, Integer.MAX_VALUE) {
        @Override
        void check(ObjectNode row) {
            JsonNode messages = messages(row, "messages", CHAT);
            for (int i = 0; i < messages.size(); i++) {
                JsonNode weight = messages.get(i).path("weight");
                if (!weight.isMissingNode()) {
                    String place = "messages[" + i + "].weight";
                    require(role(messages.get(i)).equals(ASSISTANT), place + " is only for messages of the assistant");
                    require(weight.isInt() && (weight.asInt() == 0 || weight.asInt() == 1), place + " must be 0 or 1");
                }
            }
            require(
                    messages.findValuesAsText("role").contains(ASSISTANT),
                    "messages has no message of the assistant; there is nothing to learn");
            tools(row);
        }
    },
    DPO(10, Integer.MAX_VALUE, Integer.MAX_VALUE) {
        @Override
        void check(ObjectNode row) {
            require(row.path("input").isObject(), "input is missing; expected {\"messages\": […]}");
            ObjectNode input = (ObjectNode) row.path("input");
            messages(input, "messages", CHAT);
            tools(input);
            answer(row, "preferred_output", "preferred_completion");
            answer(row, "non_preferred_output", "non_preferred_completion");
        }

        private void answer(ObjectNode row, String name, String alias) {
            String used = row.has(name) || !row.has(alias) ? name : alias;
            JsonNode messages = messages(row, used, List.of(ASSISTANT, "tool"));
            JsonNode last = messages.get(messages.size() - 1);
            require(
                    role(last).equals(ASSISTANT) && last.path("content").isTextual(),
                    used + " must end with a message of the assistant that is a text");
        }
    },
    REINFORCEMENT(1, 50_000, 1_000) {
        @Override
        void check(ObjectNode row) {
            JsonNode messages = messages(row, "messages", List.of("developer", "system", "user", ASSISTANT, "tool"));
            require(
                    role(messages.get(messages.size() - 1)).equals("user"),
                    "the last of messages must be the user's; the model's answer is what is trained");
            tools(row);
        }
    };

    private static final String ASSISTANT = "assistant";
    private static final List<String> CHAT = List.of("system", "developer", "user", ASSISTANT, "tool", "function");
    private static final Set<String> WITHOUT_TEXT = Set.of("tool_calls", "function_call", "refusal");

    private final int least;
    private final int mostTraining;
    private final int mostValidation;

    TrainingMethod(int least, int mostTraining, int mostValidation) {
        this.least = least;
        this.mostTraining = mostTraining;
        this.mostValidation = mostValidation;
    }

    /** The rows that a training file has at least. */
    public int least() {
        return least;
    }

    /** The rows that a training file has at most. */
    public int mostTraining() {
        return mostTraining;
    }

    /** The rows that a validation file has at most. */
    public int mostValidation() {
        return mostValidation;
    }

    /** The method as requests spell it. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    abstract void check(ObjectNode row);

    /** The first fault of a row, if it has any. */
    Optional<String> fault(ObjectNode row) {
        try {
            check(row);
            return Optional.empty();
        } catch (RowFault e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static final class RowFault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RowFault(String message) {
            super(message, null, false, false);
        }
    }

    static void require(boolean good, String fault) {
        if (!good) {
            throw new RowFault(fault);
        }
    }

    static String role(JsonNode message) {
        return message.path("role").asText();
    }

    static JsonNode messages(ObjectNode row, String name, List<String> roles) {
        JsonNode messages = row.path(name);
        require(row.has(name), name + " is missing");
        require(messages.isArray() && !messages.isEmpty(), name + " must be a list of at least one message");
        for (int i = 0; i < messages.size(); i++) {
            message(messages.get(i), name + "[" + i + "]", roles);
        }
        return messages;
    }

    private static void message(JsonNode message, String place, List<String> roles) {
        require(message.isObject(), place + " must be an object with role and content");
        require(message.has("role"), place + ".role is missing; expected " + String.join(", ", roles));
        require(
                roles.contains(role(message)),
                place + ".role is " + message.path("role") + "; expected " + String.join(", ", roles));
        JsonNode content = message.path("content");
        if (content.isMissingNode() || content.isNull()) {
            require(
                    WITHOUT_TEXT.stream().anyMatch(message::has)
                            && role(message).equals(ASSISTANT),
                    place + ".content is missing; expected a text or a list of parts");
            return;
        }
        require(content.isTextual() || content.isArray(), place + ".content must be a text or a list of parts");
        for (int i = 0; content.isArray() && i < content.size(); i++) {
            JsonNode part = content.get(i);
            require(
                    part.path("type").isTextual(),
                    place + ".content[" + i
                            + "] must be a part with a type, such as {\"type\": \"text\", \"text\": \"…\"}");
            require(
                    !part.path("type").asText().equals("text")
                            || part.path("text").isTextual(),
                    place + ".content[" + i + "].text must be a text");
        }
    }

    static void tools(ObjectNode row) {
        JsonNode tools = row.path("tools");
        require(tools.isMissingNode() || tools.isNull() || tools.isArray(), "tools must be a list");
        for (int i = 0; tools.isArray() && i < tools.size(); i++) {
            require(
                    tools.get(i).path("function").path("name").isTextual(),
                    "tools[" + i + "].function.name is missing");
        }
        JsonNode parallel = row.path("parallel_tool_calls");
        require(
                parallel.isMissingNode() || parallel.isNull() || parallel.isBoolean(),
                "parallel_tool_calls must be true or false");
    }
}
