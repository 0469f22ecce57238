package org.reft4j.task.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.jspecify.annotations.Nullable;

/**
 * Conversations in OpenAI's style: {@code messages} with {@code role} and {@code content} and, where known, {@code tools}, {@code answer}
 * and {@code id}. An assistant's last message is the annotation. The answer that completions are checked against is {@code answer}, read
 * as in plain rows, or else that message.
 */
final class MessagesRows implements RowFormat {
    private static final String MESSAGES = "messages";

    @Override
    public String title() {
        return "conversations (messages)";
    }

    @Override
    public boolean fits(Row first) {
        return first.has(MESSAGES);
    }

    @Override
    public String dataset(Row first) {
        return MESSAGES;
    }

    @Override
    public Question question(Row row, String dataset) {
        ArrayNode messages = list(row, MESSAGES);
        if (messages == null || messages.isEmpty()) {
            throw row.fault(MESSAGES, "is missing or empty", "complete the row or remove it");
        }
        for (int i = 0; i < messages.size(); i++) {
            check(row, i + 1, messages.get(i));
        }
        Conversation conversation = new Conversation(messages, list(row, "tools"));
        if (conversation.question().messages().isEmpty()) {
            throw row.fault(MESSAGES, "holds an answer and nothing that is asked", "complete the row or remove it");
        }
        String annotation = conversation.answered() ? conversation.lastText() : null;
        return new Question(
                row.idOr(dataset),
                conversation.question().shown(),
                answer(row, annotation),
                annotation,
                conversation,
                null);
    }

    private static @Nullable ArrayNode list(Row row, String field) {
        JsonNode value = row.fields().path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (value instanceof ArrayNode list) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            return copy.addAll(list);
        }
        throw row.fault(field, "is no list", "put objects into square brackets");
    }

    private static void check(Row row, int number, JsonNode message) {
        String which = "holds message " + number + " ";
        if (!message.path("role").isTextual() || message.path("role").asText().isBlank()) {
            throw row.fault(
                    MESSAGES,
                    which + "without a role",
                    "give it \"role\": \"system\", \"user\", \"assistant\" or \"tool\"");
        }
        JsonNode content = message.path("content");
        boolean calls = message.path("tool_calls").isArray();
        boolean empty = content.isMissingNode() || content.isNull();
        if (empty ? !calls : !content.isTextual() && !content.isArray()) {
            throw row.fault(MESSAGES, which + "without a text as content", "correct the row or remove it");
        }
        JsonNode weight = message.path("weight");
        if (!weight.isMissingNode() && !(weight.isNumber() && (weight.asDouble() == 0 || weight.asDouble() == 1))) {
            throw row.fault(MESSAGES, which + "with a weight that is neither 0 nor 1", "correct the row");
        }
    }

    private static Answer answer(Row row, @Nullable String annotation) {
        if (row.fields().hasNonNull("answer")) {
            return Answers.plain(row.scalar("answer"));
        }
        if (annotation == null) {
            throw row.fault(
                    "answer",
                    "is missing, and the last message is not the assistant's",
                    "add the assistant's message to learn from, or an answer to check against");
        }
        return new Answer.Text(annotation);
    }
}
