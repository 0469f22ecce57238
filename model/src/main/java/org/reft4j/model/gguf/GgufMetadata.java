package org.reft4j.model.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.reft4j.model.weights.FormatException;

/** The key-value part of a GGUF file. A key that holds another type than asked for is an error, an absent one is empty. */
public final class GgufMetadata {
    private final String source;
    private final Map<String, GgufValue> values;

    GgufMetadata(String source, Map<String, GgufValue> values) {
        this.source = source;
        this.values = values;
    }

    /** The file, for messages. */
    public String source() {
        return source;
    }

    public Set<String> keys() {
        return values.keySet();
    }

    public Optional<String> text(String key) {
        return find(key).map(value -> text(key, value));
    }

    /** A text that must be there. */
    public String requireText(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    public OptionalLong whole(String key) {
        Optional<GgufValue> value = find(key);
        return value.isPresent() ? OptionalLong.of(whole(key, value.get())) : OptionalLong.empty();
    }

    /** A whole number in the range of an int that must be there. */
    public int requireInt(String key) {
        long value = whole(key).orElseThrow(() -> missing(key));
        if (value != (int) value) {
            throw new FormatException(source + ": metadata " + key + " is " + value + "; expected a smaller number");
        }
        return (int) value;
    }

    /** A real or whole number; 32-bit values are widened exactly. */
    public OptionalDouble number(String key) {
        Optional<GgufValue> value = find(key);
        return value.isPresent() ? OptionalDouble.of(number(key, value.get())) : OptionalDouble.empty();
    }

    public Optional<Boolean> flag(String key) {
        return find(key).map(value -> {
            if (value instanceof GgufValue.Flag(boolean flag)) {
                return flag;
            }
            throw mistyped(key, value, "true or false");
        });
    }

    /** The truth values of a list; nothing where the key is absent or holds something else than a list of them. */
    List<Boolean> flagsOrNothing(String key) {
        if (values.get(key) instanceof GgufValue.Items(List<GgufValue> items)
                && items.stream().allMatch(GgufValue.Flag.class::isInstance)) {
            return items.stream()
                    .map(item -> item instanceof GgufValue.Flag(boolean flag) && flag)
                    .toList();
        }
        return List.of();
    }

    public Optional<List<String>> texts(String key) {
        return items(key, value -> text(key, value));
    }

    public Optional<List<Long>> wholes(String key) {
        return items(key, value -> whole(key, value));
    }

    public Optional<List<Double>> numbers(String key) {
        return items(key, value -> number(key, value));
    }

    private <T> Optional<List<T>> items(String key, Function<GgufValue, T> each) {
        return find(key).map(value -> {
            if (value instanceof GgufValue.Items(List<GgufValue> items)) {
                return items.stream().map(each).toList();
            }
            throw mistyped(key, value, "a list");
        });
    }

    private String text(String key, GgufValue value) {
        if (value instanceof GgufValue.Text(String text)) {
            return text;
        }
        throw mistyped(key, value, "a text");
    }

    private long whole(String key, GgufValue value) {
        if (value instanceof GgufValue.Whole(long whole)) {
            return whole;
        }
        throw mistyped(key, value, "a whole number");
    }

    private double number(String key, GgufValue value) {
        return switch (value) {
            case GgufValue.Real(double real) -> real;
            case GgufValue.Whole(long whole) -> whole;
            case GgufValue.Flag _, GgufValue.Text _, GgufValue.Items _ -> throw mistyped(key, value, "a number");
        };
    }

    private Optional<GgufValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    private FormatException missing(String key) {
        return new FormatException(source + ": metadata " + key + " is missing. Convert the model to GGUF again");
    }

    private FormatException mistyped(String key, GgufValue value, String expected) {
        return new FormatException(source + ": metadata " + key + " is of type "
                + value.getClass().getSimpleName() + "; expected " + expected + ". Convert the model to GGUF again");
    }
}
