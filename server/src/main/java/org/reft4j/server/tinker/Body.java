package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.reft4j.server.http.ApiError;

/** The fields of a JSON request. */
record Body(ObjectNode json) {
    private JsonNode get(String name) {
        return json.path(name);
    }

    boolean has(String name) {
        return json.hasNonNull(name);
    }

    String text(String name) {
        return optional(name).orElseThrow(() -> ApiError.invalid(name, "The field '" + name + "' is missing."));
    }

    Optional<String> optional(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        if (!get(name).isTextual() || get(name).asText().isEmpty()) {
            throw fault(name, "a text");
        }
        return Optional.of(get(name).asText());
    }

    boolean flag(String name, boolean byDefault) {
        if (!has(name)) {
            return byDefault;
        }
        if (!get(name).isBoolean()) {
            throw fault(name, "true or false");
        }
        return get(name).asBoolean();
    }

    long integer(String name, long least, long most, long byDefault) {
        if (!has(name)) {
            return byDefault;
        }
        JsonNode value = get(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw fault(name, "a whole number from " + least + " to " + most);
        }
        return value.asLong();
    }

    double number(String name, double least, double most, double byDefault) {
        if (!has(name)) {
            return byDefault;
        }
        JsonNode value = get(name);
        if (!value.isNumber() || !(value.asDouble() >= least && value.asDouble() <= most)) {
            throw fault(name, "a number from " + least + " to " + most);
        }
        return value.asDouble();
    }

    /** An object; an empty one where there is none. */
    Body object(String name) {
        if (!has(name)) {
            return new Body(json.objectNode());
        }
        if (get(name) instanceof ObjectNode object) {
            return new Body(object);
        }
        throw fault(name, "an object");
    }

    private ApiError fault(String name, String expected) {
        String shown = get(name).toString();
        String cut = shown.length() > 60 ? shown.substring(0, 60) + "…" : shown;
        return ApiError.invalid(name, "Invalid value for '" + name + "': " + cut + "; expected " + expected + ".");
    }
}
