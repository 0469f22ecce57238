package org.reft4j.task.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.task.dataset.Question;

/**
 * Preference pairs as questions whose annotation is the preferred answer: {@code chosen} and {@code rejected} to a {@code question} (or
 * {@code prompt}), or OpenAI's {@code input}, {@code preferred_output} and {@code non_preferred_output} (also spelled {@code …_completion}).
 * A recipe that learns from pairs reads them itself; as questions they are what it is measured by.
 */
final class PairRows implements RowFormat {
    private static final String INPUT = "input";
    private static final String OUTPUT = "preferred_output";
    private static final String COMPLETION = "preferred_completion";

    private final MessagesRows conversations = new MessagesRows();
    private final PlainRows texts = new PlainRows();

    @Override
    public String title() {
        return "preference pairs (chosen, rejected; or input, preferred_output, non_preferred_output)";
    }

    @Override
    public boolean fits(Row first) {
        boolean pair = first.has("chosen", "rejected") || first.has(INPUT, OUTPUT) || first.has(INPUT, COMPLETION);
        // A row that says what is right beside its pair is read as before.
        return pair && !first.has(FieldNames.ANSWER) && !first.has(FieldNames.MESSAGES);
    }

    @Override
    public String dataset(Row first) {
        return "pairs";
    }

    @Override
    public Question question(Row row, String dataset) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        if (row.fields().hasNonNull("id")) {
            fields.set("id", row.fields().path("id"));
        }
        if (!row.has(INPUT)) {
            fields.put(FieldNames.QUESTION, row.text(row.has(FieldNames.QUESTION) ? FieldNames.QUESTION : "prompt"));
            fields.put(FieldNames.ANSWER, row.text("chosen"));
            return texts.question(with(row, fields), dataset);
        }
        JsonNode input = row.fields().path(INPUT);
        if (!(input.path(FieldNames.MESSAGES) instanceof ArrayNode asked) || asked.isEmpty()) {
            throw row.fault("input.messages", "is missing or empty", "give the messages that are answered");
        }
        String name = row.has(OUTPUT) ? OUTPUT : COMPLETION;
        if (!(row.fields().path(name) instanceof ArrayNode answer) || answer.isEmpty()) {
            throw row.fault(name, "is missing or empty", "give the assistant's preferred message in a list");
        }
        fields.set(FieldNames.MESSAGES, asked.deepCopy().addAll(answer));
        if (input.hasNonNull("tools")) {
            fields.set("tools", input.path("tools"));
        }
        return conversations.question(with(row, fields), dataset);
    }

    private static Row with(Row row, ObjectNode fields) {
        return new Row(row.file(), row.place(), row.number(), fields, row.own());
    }
}
