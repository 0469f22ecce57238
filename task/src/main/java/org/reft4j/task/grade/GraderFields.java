package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A grader's description while it is read. Every fault names its place, such as {@code grader.graders.style.operation}. */
public final class GraderFields {
    /** Known to the API wherever a grader stands, and without influence on the reward. */
    private static final List<String> COMMON = List.of("type", "name", "pass_threshold");

    private static final int SHOWN = 60;

    private final ObjectNode object;
    private final String place;
    private final Set<String> known = new LinkedHashSet<>(COMMON);

    GraderFields(ObjectNode object, String place) {
        this.object = object;
        this.place = place;
    }

    /** Of this object, such as {@code grader.graders.style}. */
    public String place() {
        return place;
    }

    /** The object itself, not to be changed. */
    public ObjectNode object() {
        return object;
    }

    /** The grader's {@code name}, or its place without one. */
    public String name() {
        return object.path("name").asText(place);
    }

    /** A value that may be missing; missing too where it is null. */
    public Optional<JsonNode> value(String field) {
        known.add(field);
        return object.hasNonNull(field) ? Optional.of(object.get(field)) : Optional.empty();
    }

    /** A value that must be there. */
    public JsonNode required(String field) {
        return value(field).orElseThrow(() -> fault(field, "is missing", "give it"));
    }

    /** A text that must be there. */
    public String text(String field) {
        JsonNode value = required(field);
        if (!value.isTextual()) {
            throw fault(field, "is " + shown(value), "expected a text");
        }
        return value.textValue();
    }

    public Optional<String> optionalText(String field) {
        return value(field).map(_ -> text(field));
    }

    /** One of some words. */
    public String word(String field, List<String> words) {
        String text = text(field);
        if (!words.contains(text)) {
            throw fault(field, "is \"" + text + "\"", "expected " + String.join(", ", words));
        }
        return text;
    }

    public double number(String field, double absent) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !value.get().isNumber()) {
            throw fault(field, "is " + shown(value.get()), "expected a number");
        }
        return value.map(JsonNode::doubleValue).orElse(absent);
    }

    public boolean flag(String field, boolean absent) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !value.get().isBoolean()) {
            throw fault(field, "is " + shown(value.get()), "expected true or false");
        }
        return value.map(JsonNode::booleanValue).orElse(absent);
    }

    public List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        JsonNode value = required(field);
        if (!value.isArray()) {
            throw fault(field, "is " + shown(value), "expected a list of texts");
        }
        for (JsonNode each : value) {
            if (!each.isTextual()) {
                throw fault(field, "holds " + shown(each), "expected texts only");
            }
            texts.add(each.textValue());
        }
        return texts;
    }

    /** A text with {@code {{ item.x }}} and {@code {{ sample.x }}} in it. */
    public Template template(String field) {
        return Template.of(text(field), place + "." + field);
    }

    /** The same, with a text to take where the field is missing. */
    public Template template(String field, String absent) {
        return Template.of(optionalText(field).orElse(absent), place + "." + field);
    }

    /** A fault of a field; {@code remedy} says what is expected or what to do. */
    public GraderException fault(String field, String what, String remedy) {
        return new GraderException(place + "." + field + " " + what + "; " + remedy);
    }

    /** Refuses what nobody asked for. */
    void requireNothingElse() {
        for (String field : (Iterable<String>) object::fieldNames) {
            if (!known.contains(field)) {
                throw fault(
                        field,
                        "is not known to a grader of type "
                                + object.path("type").asText(),
                        "expected " + String.join(", ", known));
            }
        }
    }

    static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
