package org.reft4j.task.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Question;

/**
 * Conversations in OpenAI's style: {@code messages} with {@code role} and {@code content} and, where known, {@code tools}, {@code answer}
 * and {@code id}. An assistant's last message is the annotation. The answer that completions are checked against is {@code answer}, read
 * as in plain rows, or else that message; without both the row is for a grader that reads its other fields.
 *
 * <p>A developer's message is put to a model as a system's, which is what its chat template knows. Content in parts is one text: the parts,
 * each on lines of its own.
 */
final class MessagesRows implements RowFormat {
    private static final Set<String> TEXT_PARTS = Set.of("text", "input_text", "output_text");

    @Override
    public String title() {
        return "conversations (messages)";
    }

    @Override
    public boolean fits(Row first) {
        return first.has(FieldNames.MESSAGES);
    }

    @Override
    public String dataset(Row first) {
        return FieldNames.MESSAGES;
    }

    @Override
    public Question question(Row row, String dataset) {
        ArrayNode given = list(row, FieldNames.MESSAGES);
        if (given == null || given.isEmpty()) {
            throw row.fault(FieldNames.MESSAGES, "is missing or empty", "complete the row or remove it");
        }
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < given.size(); i++) {
            messages.add(message(row, i + 1, given.get(i)));
        }
        Conversation conversation = new Conversation(messages, list(row, "tools"));
        if (conversation.question().messages().isEmpty()) {
            throw row.fault(
                    FieldNames.MESSAGES, "holds an answer and nothing that is asked", "complete the row or remove it");
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

    /** A message as chat templates read it. */
    private static JsonNode message(Row row, int number, JsonNode message) {
        String which = "holds message " + number + " ";
        if (!message.path("role").isTextual() || message.path("role").asText().isBlank()) {
            throw row.fault(
                    FieldNames.MESSAGES,
                    which + "without a role",
                    "give it \"role\": \"system\", \"developer\", \"user\", \"assistant\" or \"tool\"");
        }
        JsonNode content = message.path("content");
        boolean calls = message.path("tool_calls").isArray();
        boolean empty = content.isMissingNode() || content.isNull();
        if (empty ? !calls : !content.isTextual() && !content.isArray()) {
            throw row.fault(FieldNames.MESSAGES, which + "without a text as content", "correct the row or remove it");
        }
        JsonNode weight = message.path("weight");
        if (!weight.isMissingNode() && !(weight.isNumber() && (weight.asDouble() == 0 || weight.asDouble() == 1))) {
            throw row.fault(FieldNames.MESSAGES, which + "with a weight that is neither 0 nor 1", "correct the row");
        }
        boolean developer = message.path("role").asText().equals("developer");
        if (!(message instanceof ObjectNode whole) || (!developer && !content.isArray())) {
            return message;
        }
        ObjectNode plain = JsonNodeFactory.instance.objectNode();
        plain.setAll(whole);
        if (developer) {
            plain.put("role", "system");
        }
        return content.isArray() ? plain.put("content", text(row, which, content)) : plain;
    }

    private static String text(Row row, String which, JsonNode parts) {
        List<String> texts = new ArrayList<>();
        for (JsonNode part : parts) {
            String type = part.path("type").asText();
            if (!TEXT_PARTS.contains(type) || !part.path("text").isTextual()) {
                throw row.fault(
                        FieldNames.MESSAGES,
                        which + "with a part "
                                + (TEXT_PARTS.contains(type) ? "without a text" : "of type '" + type + "'"),
                        "models of text read {\"type\": \"text\", \"text\": \"...\"} alone: correct the row or remove it");
            }
            texts.add(part.path("text").asText());
        }
        return String.join("\n", texts);
    }

    private static Answer answer(Row row, @Nullable String annotation) {
        if (row.fields().hasNonNull(FieldNames.ANSWER)) {
            return Answer.plain(row.scalar(FieldNames.ANSWER));
        }
        return annotation == null ? row.noAnswer() : new Answer.Text(annotation);
    }
}
