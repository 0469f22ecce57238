package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.server.http.ApiError;

/** Reads fields of a request. A field that is {@code null} counts as absent; faults name the field. */
final class Fields {
    private final ObjectNode json;

    Fields(ObjectNode json) {
        this.json = json;
    }

    JsonNode get(String name) {
        JsonNode value = json.path(name);
        return value.isNull() ? json.path("") : value;
    }

    boolean has(String name) {
        return json.hasNonNull(name);
    }

    private static ApiError fault(String name, JsonNode value, String expected) {
        String shown = value.toString();
        String cut = shown.length() > 60 ? shown.substring(0, 60) + "…" : shown;
        return ApiError.invalid(name, "Invalid value for '" + name + "': " + cut + "; expected " + expected + ".");
    }

    String text(String name) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            throw ApiError.invalid(name, "you must provide a " + name + " parameter");
        }
        if (!value.isTextual() || value.asText().isEmpty()) {
            throw fault(name, value, "a text");
        }
        return value.asText();
    }

    boolean flag(String name) {
        JsonNode value = get(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw fault(name, value, "true or false");
        }
        return value.asBoolean();
    }

    double number(String name, double least, double most, double byDefault) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isNumber() || value.asDouble() < least || value.asDouble() > most) {
            throw fault(name, value, "a number from " + plain(least) + " to " + plain(most));
        }
        return value.asDouble();
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    int integer(String name, int least, int most, int byDefault) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw fault(
                    name,
                    value,
                    most == Integer.MAX_VALUE
                            ? "a whole number of " + least + " or more"
                            : "a whole number from " + least + " to " + most);
        }
        return value.asInt();
    }

    Optional<Long> whole(String name) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw fault(name, value, "a whole number of 64 bits");
        }
        return Optional.of(value.asLong());
    }

    /** A text or a list of texts. */
    List<String> texts(String name, int most) {
        JsonNode value = get(name);
        List<String> texts = new ArrayList<>();
        if (value.isTextual()) {
            texts.add(value.asText());
        } else if (value.isArray()) {
            value.forEach(each -> texts.add(each.isTextual() ? each.asText() : ""));
        } else if (!value.isMissingNode()) {
            throw fault(name, value, "a text or a list of texts");
        }
        if (texts.size() > most || texts.contains("")) {
            throw fault(name, value, "at most " + most + " texts that are not empty");
        }
        return texts;
    }

    /** Token ids. */
    List<Integer> ids(String name) {
        JsonNode value = get(name);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw fault(name, value, "a list of token ids");
        }
        return ids(name, value);
    }

    static List<Integer> ids(String name, JsonNode value) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.isIntegralNumber() || !each.canConvertToInt()) {
                throw fault(name, each, "a token id");
            }
            ids.add(each.asInt());
        }
        return ids;
    }

    /** Numbers to add to logits, by token id. */
    Map<Integer, Double> bias(String name) {
        JsonNode value = get(name);
        Map<Integer, Double> bias = new LinkedHashMap<>();
        if (!value.isMissingNode() && !value.isObject()) {
            throw fault(name, value, "an object of token ids and numbers");
        }
        value.properties().forEach(entry -> {
            JsonNode number = entry.getValue();
            boolean id = entry.getKey().matches("\\d{1,9}");
            if (!id || !number.isNumber() || Math.abs(number.asDouble()) > 100) {
                throw fault(name, value, "token ids with numbers from -100 to 100, such as {\"42\": -100}");
            }
            bias.put(Integer.valueOf(entry.getKey()), number.asDouble());
        });
        return bias;
    }

    ObjectNode json() {
        return json;
    }
}
