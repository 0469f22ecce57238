package org.reft4j.template;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call, by position and by keyword, read by either.
 *
 * @param function that is called, for messages
 * @param positional in order
 * @param keywords in the order of writing
 */
record Arguments(String function, List<Value> positional, Map<String, Value> keywords) {

    static Arguments of(String function, Value... positional) {
        return new Arguments(function, Arrays.asList(positional), Map.of());
    }

    /** These arguments, if the function has parameters of these names and no others. */
    Arguments accept(String name, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new TemplateFault(
                    name + "() takes at most " + parameters.length + " arguments (" + positional.size() + " given)");
        }
        List<String> known = Arrays.asList(parameters);
        for (String keyword : keywords.keySet()) {
            int index = known.indexOf(keyword);
            if (index < 0) {
                throw new TemplateFault(name + "() got an unexpected keyword argument '" + keyword + "'");
            }
            if (index < positional.size()) {
                throw new TemplateFault(name + "() got multiple values for argument '" + keyword + "'");
            }
        }
        return new Arguments(name, positional, keywords);
    }

    @Nullable
    Value find(int index, String name) {
        return index < positional.size() ? positional.get(index) : keywords.get(name);
    }

    Value get(int index, String name, Value fallback) {
        Value value = find(index, name);
        return value == null ? fallback : value;
    }

    Value required(int index, String name) {
        Value value = find(index, name);
        if (value == null) {
            throw new TemplateFault(function + "() missing required argument '" + name + "'");
        }
        return value;
    }

    /** A text, or {@code null} where the argument is absent or None. */
    @Nullable
    String text(int index, String name) {
        return switch (find(index, name)) {
            case null -> null;
            case Value.None _ -> null;
            case Value.Text text -> text.value();
            case Value other -> throw mistyped(name, other, "str");
        };
    }

    String text(int index, String name, String fallback) {
        String text = text(index, name);
        return text == null ? fallback : text;
    }

    String requiredText(int index, String name) {
        Value value = required(index, name);
        if (value instanceof Value.Text text) {
            return text.value();
        }
        throw mistyped(name, value, "str");
    }

    /** A whole number, or a fallback where the argument is absent or None. */
    int integer(int index, String name, int fallback) {
        return switch (find(index, name)) {
            case null -> fallback;
            case Value.None _ -> fallback;
            case Value value -> {
                if (!Numbers.isInteger(value)) {
                    throw mistyped(name, value, "int");
                }
                yield Numbers.clamped(value);
            }
        };
    }

    boolean flag(int index, String name, boolean fallback) {
        Value value = find(index, name);
        return value == null ? fallback : Operators.truth(value);
    }

    private TemplateFault mistyped(String name, Value value, String expected) {
        if (value instanceof Value.Undefined undefined) {
            return undefined.fault();
        }
        return new TemplateFault(
                function + "(): argument '" + name + "' must be " + expected + ", not " + PythonPrint.type(value));
    }
}
