package org.reft4j.task.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The way to a field of a row: its name, or names with dots between that reach into objects and, by number, into lists. */
public final class FieldPath {
    private FieldPath() {}

    /** A field by its name, or by the way to it; a missing node if there is none. */
    public static JsonNode value(JsonNode fields, String path) {
        JsonNode whole = fields.path(path);
        if (!whole.isMissingNode()) {
            return whole;
        }
        JsonNode at = fields;
        for (String part : path.split("\\.", -1)) {
            at = at instanceof ArrayNode list && part.matches("\\d{1,6}")
                    ? list.path(Integer.parseInt(part))
                    : at.path(part);
        }
        return at;
    }

    /** Puts a text where a field is, if it is there. */
    static void put(ObjectNode fields, String path, String text) {
        if (fields.has(path)) {
            fields.put(path, text);
            return;
        }
        int dot = path.lastIndexOf('.');
        JsonNode parent = dot < 0 ? JsonNodeFactory.instance.missingNode() : value(fields, path.substring(0, dot));
        String last = path.substring(dot + 1);
        if (parent instanceof ObjectNode object && object.has(last)) {
            object.put(last, text);
        } else if (parent instanceof ArrayNode list && last.matches("\\d{1,6}") && list.has(Integer.parseInt(last))) {
            list.set(Integer.parseInt(last), text);
        }
    }
}
