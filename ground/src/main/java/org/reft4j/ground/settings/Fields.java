package org.reft4j.ground.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Keys of an object that are read one by one. Whoever asks for a key says what may stand there; whatever else stands there is a fault.
 * Reading goes on after it where {@link Faults} are collected. A key with {@code null} is as good as missing.
 */
public final class Fields {
    private final JsonNode object;
    private final String place;
    private final Faults faults;
    private final Set<String> asked = new LinkedHashSet<>();

    /** Receiver of faults: throws an exception, or notes the fault for later. */
    @FunctionalInterface
    public interface Faults {
        /**
         * Takes one fault.
         *
         * @param key with everything around it, such as {@code rungs[0].name}
         * @param value as it was given; a missing node where it was not
         * @param expected in words
         */
        void add(String key, JsonNode value, String expected);
    }

    /**
     * The fields of a value.
     *
     * @param object anything else than an object has no fields
     * @param place what stands before its keys, such as {@code rungs[0]}; empty at the top
     */
    public Fields(JsonNode object, String place, Faults faults) {
        this.object = object;
        this.place = place;
        this.faults = faults;
    }

    /** The fields of a value that stands in this object. */
    public Fields part(String key) {
        return new Fields(given(key), path(key), faults);
    }

    /** The value as it was given; a missing node where it was not. */
    public JsonNode given(String key) {
        asked.add(key);
        return object.path(key);
    }

    /** A value of any kind that may be missing. */
    public Optional<JsonNode> value(String key) {
        JsonNode given = given(key);
        return given.isMissingNode() || given.isNull() ? Optional.empty() : Optional.of(given);
    }

    /** Adds the fault that the value of a key is not what is expected there. */
    public void refuse(String key, String expected) {
        faults.add(path(key), value(key).orElse(MissingNode.getInstance()), expected);
    }

    /** A text; a number is none. */
    public String text(String key) {
        return required(key, JsonNode::isTextual, "a text")
                .map(JsonNode::textValue)
                .orElse("");
    }

    public String text(String key, String absent) {
        return value(key).isEmpty() ? absent : text(key);
    }

    /** A text that needs no quotes: a number is one too. */
    public String word(String key, String absent) {
        return optional(key, JsonNode::isValueNode, "a text")
                .map(JsonNode::asText)
                .orElse(absent);
    }

    /** One of some texts, named with {@code between} where another stands there. */
    public String choice(String key, List<String> words, String between) {
        String text = text(key);
        if (value(key).filter(JsonNode::isTextual).isPresent() && !words.contains(text)) {
            refuse(key, String.join(between, words));
        }
        return text;
    }

    public double number(String key) {
        return required(key, JsonNode::isNumber, "a number")
                .map(JsonNode::doubleValue)
                .orElse(0.0);
    }

    public double number(String key, double absent) {
        return value(key).isEmpty() ? absent : number(key);
    }

    /** A whole number, neither less than {@code least} nor more than {@code most}. */
    public long whole(String key, long least, long most) {
        String range = most == Long.MAX_VALUE ? "" : " from " + least + " to " + most;
        return whole(key, least, most, "a whole number" + range);
    }

    public long whole(String key, long absent, long least, long most) {
        return value(key).isEmpty() ? absent : whole(key, least, most);
    }

    /** A whole number within a range that has words of its own. */
    public long whole(String key, long least, long most, String expected) {
        Predicate<JsonNode> fits = value -> value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() >= least
                && value.longValue() <= most;
        return required(key, fits, expected).map(JsonNode::longValue).orElse(least);
    }

    public boolean flag(String key, boolean absent) {
        return optional(key, JsonNode::isBoolean, "true or false")
                .map(JsonNode::booleanValue)
                .orElse(absent);
    }

    /** The object's keys that are none of these, in its order. */
    public List<String> besides(Set<String> known) {
        return object.propertyStream()
                .map(Map.Entry::getKey)
                .filter(key -> !known.contains(key))
                .toList();
    }

    /** The keys that somebody asked for, in that order. */
    public Set<String> asked() {
        return Collections.unmodifiableSet(asked);
    }

    private String path(String key) {
        return place.isEmpty() ? key : place + "." + key;
    }

    private Optional<JsonNode> required(String key, Predicate<JsonNode> fits, String expected) {
        if (value(key).isEmpty()) {
            refuse(key, expected);
        }
        return optional(key, fits, expected);
    }

    private Optional<JsonNode> optional(String key, Predicate<JsonNode> fits, String expected) {
        Optional<JsonNode> value = value(key);
        if (value.isPresent() && !fits.test(value.get())) {
            refuse(key, expected);
            return Optional.empty();
        }
        return value;
    }
}
