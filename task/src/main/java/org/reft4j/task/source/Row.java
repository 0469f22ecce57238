package org.reft4j.task.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.PythonNumber;

/**
 * One object of a data file.
 *
 * @param file that it stands in
 * @param place line or item, as {@code line 3}
 * @param number of the object in its file, from 0
 * @param fields by the names that are read
 * @param own the file's names for them
 */
record Row(Path file, String place, int number, ObjectNode fields, FieldNames own) {
    private static final int SHOWN = 40;

    /** A row whose fields are called as in its file. */
    Row(Path file, String place, int number, ObjectNode fields) {
        this(file, place, number, fields, FieldNames.NONE);
    }

    /** The names of its fields, in their order. */
    List<String> fieldNames() {
        return fields.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** The same for messages. */
    String names() {
        return fields.isEmpty() ? "no fields" : String.join(", ", fieldNames());
    }

    /** For a row that has none. */
    Answer noAnswer() {
        return new Answer.Unknown(where() + " (" + names() + ")");
    }

    /** File and place, as a message begins. */
    String where() {
        return file + ", " + place;
    }

    boolean has(String... names) {
        for (String name : names) {
            if (!fields.has(name)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A text that every row must have.
     *
     * @throws DataException if it is missing, blank or no text
     */
    String text(String name) {
        String text = optionalText(name);
        if (text == null) {
            throw fault(
                    name,
                    "is missing or blank",
                    "complete the row or remove it"
                            + (fields.has(name)
                                    ? ""
                                    : "; it has " + names() + ", and data.fields says which of them is read as "
                                            + name));
        }
        return text;
    }

    /** A text, or {@code null} where the field is missing, null or blank. */
    @Nullable
    String optionalText(String name) {
        JsonNode value = fields.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw fault(name, "is " + describe(value) + "; expected text", "put it in quotes or correct the row");
        }
        return PythonText.strip(value.textValue()).isEmpty() ? null : value.textValue();
    }

    /**
     * A text or a number; numbers as Python prints them.
     *
     * @throws DataException if it is missing, blank or of another type
     */
    String scalar(String name) {
        JsonNode value = fields.get(name);
        if (value != null && value.isIntegralNumber()) {
            return value.asText();
        }
        if (value != null && value.isNumber()) {
            return PythonNumber.repr(value.doubleValue());
        }
        return text(name);
    }

    /**
     * A list of texts.
     *
     * @throws DataException if it is missing, empty or holds anything else
     */
    List<String> texts(String name) {
        JsonNode value = fields.get(name);
        if (value == null || !value.isArray() || value.isEmpty()) {
            throw fault(name, "is " + describe(value) + "; expected a list of texts", "correct the row or remove it");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw fault(name, "holds " + describe(item) + "; expected texts only", "correct the row or remove it");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    /** The row's own {@code id}, or one made of dataset, file and number, since rows are counted anew in each file. */
    String idOr(String dataset) {
        return fields.hasNonNull("id") ? scalar("id") : dataset + "_" + stem(file) + "_" + number;
    }

    /** The file's name without its ending. */
    static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    DataException fault(String field, String what, String remedy) {
        return new DataException(where() + ": field '" + own.fieldOf(field) + "' " + what + "; " + remedy);
    }

    private static String describe(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return "missing";
        }
        String shown = value.toString();
        shown = shown.length() > SHOWN ? shown.substring(0, SHOWN) + "…" : shown;
        return switch (value.getNodeType()) {
            case NUMBER -> "the number " + shown;
            case STRING -> "the text " + shown;
            case BOOLEAN -> "the truth value " + shown;
            case ARRAY -> value.isEmpty() ? "an empty list" : "the list " + shown;
            default -> "the object " + shown;
        };
    }
}
