package org.reft4j.task.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.FieldPath;

/**
 * The names that a user's rows have for what is read: {@code {question: prompt, answer: target}}. A name with dots reaches into objects and,
 * by number, into lists; a field that is itself called so comes first.
 *
 * @param names the row's field by the name that is read
 */
record FieldNames(Map<String, String> names) {
    static final FieldNames NONE = new FieldNames(Map.of());

    static final String QUESTION = "question";
    static final String ANSWER = "answer";
    static final String MESSAGES = "messages";
    static final List<String> LEGAL = List.of(QUESTION, ANSWER, "rationale", "id", MESSAGES, "tools");

    /** These need not be in every row. */
    private static final List<String> OPTIONAL = List.of("rationale", "id", "tools");

    private static final String REMEDY = "such as data.fields: {question: prompt, answer: target}";

    FieldNames {
        names = Map.copyOf(names);
        Map<String, String> taken = new HashMap<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(names).entrySet()) {
            String read = entry.getKey();
            String field = entry.getValue();
            if (!LEGAL.contains(read)) {
                throw new DataException("data.fields names " + read + "; expected " + String.join(", ", LEGAL) + ", "
                        + REMEDY + " (the name that is read first, then yours)");
            }
            if (field.isBlank()) {
                throw new DataException("data.fields." + read + " is empty; expected the name of a field, " + REMEDY);
            }
            String other = taken.put(field, read);
            if (other != null) {
                throw new DataException("data.fields reads both " + other + " and " + read + " from '" + field
                        + "'; give each a field of its own");
            }
        }
        if (names.containsKey(QUESTION) && names.containsKey(MESSAGES)) {
            throw new DataException(
                    "data.fields names both question and messages; a question is either a text or a conversation");
        }
    }

    /** The names that a configuration gives. */
    static FieldNames of(DataConfig config) {
        return config.fields() == null ? NONE : new FieldNames(config.fields());
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /** The formats that rows may have whose fields are named so: the published ones keep their own names. */
    List<RowFormat> formats() {
        if (names.isEmpty()) {
            return Datasets.FORMATS;
        }
        return names.containsKey(QUESTION)
                ? List.of(new Gsm8kRows(), new PlainRows())
                : List.of(new MessagesRows(), new Gsm8kRows(), new PlainRows());
    }

    /**
     * The row with its fields called as they are read. All others stay.
     *
     * @throws DataException if a field is not there, or the row has a field of the name that is read besides
     */
    Row read(Row row) {
        if (names.isEmpty()) {
            return row;
        }
        Map<String, JsonNode> found = new HashMap<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(names).entrySet()) {
            String read = entry.getKey();
            String field = entry.getValue();
            JsonNode value = FieldPath.value(row.fields(), field);
            if (value.isMissingNode() && !OPTIONAL.contains(read)) {
                throw new DataException(absent(row, read));
            }
            if (row.has(read) && !field.equals(read) && !moved(read)) {
                throw new DataException(row.where() + ": data.fields reads " + read + " from '" + field
                        + "', and the row has a field '" + read + "' besides; rename one of them, or take it out of"
                        + " data.fields");
            }
            found.put(read, value);
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        row.fields().properties().forEach(entry -> fields.set(entry.getKey(), entry.getValue()));
        names.forEach((read, field) -> fields.remove(field));
        found.forEach((read, value) -> {
            if (!value.isMissingNode()) {
                fields.set(read, value);
            }
        });
        return new Row(row.file(), row.place(), row.number(), fields, this);
    }

    /** A sentence on a field that is not there. */
    String absent(Row row, String read) {
        return row.where() + ": there is no field '" + fieldOf(read) + "', which data.fields reads " + read
                + " from; the row has " + row.names();
    }

    /** True if a row has all fields that every row must have. */
    boolean areIn(Row row) {
        return names.entrySet().stream()
                .allMatch(entry -> OPTIONAL.contains(entry.getKey())
                        || !FieldPath.value(row.fields(), entry.getValue()).isMissingNode());
    }

    /** True if the field of a name that is read is itself read as something else, as when two names are exchanged. */
    private boolean moved(String read) {
        return names.values().stream().anyMatch(field -> field.equals(read) || field.startsWith(read + "."));
    }

    /** The row's own name for what is read. */
    String fieldOf(String read) {
        return names.getOrDefault(read, read);
    }
}
