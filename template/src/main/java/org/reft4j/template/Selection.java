package org.reft4j.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The filters that ask a filter, a test or an attribute of each item: {@code map}, {@code select} and their kin. */
final class Selection {
    private final Operators operators;
    private final Attributes attributes;
    private final Calls calls;

    /** Filters and tests, which a template calls by name. */
    interface Calls {
        Value filter(String name, Value input, Arguments arguments);

        boolean test(String name, Value input, Arguments arguments);
    }

    Selection(Operators operators, Attributes attributes, Calls calls) {
        this.operators = operators;
        this.attributes = attributes;
        this.calls = calls;
    }

    /** A way from a value to what lies in it: {@code a.b.0}. */
    interface Path {
        Value of(Value value);
    }

    Path path(Value attribute) {
        return path(attribute, null);
    }

    /** @param fallback where there is no such attribute */
    Path path(Value attribute, @Nullable Value fallback) {
        List<Value> steps = steps(attribute);
        return value -> {
            Value found = value;
            for (Value step : steps) {
                found = attributes.item(found, step);
                if (found instanceof Value.Undefined && fallback != null && !(fallback instanceof Value.None)) {
                    found = fallback;
                }
            }
            return found;
        };
    }

    /** Several paths with commas between. */
    Path[] paths(Value attribute) {
        List<Path> paths = new ArrayList<>();
        if (attribute instanceof Value.Text text) {
            for (String part : Splits.parts(text.value(), ",", Integer.MAX_VALUE)) {
                paths.add(path(Value.text(part)));
            }
        } else {
            paths.add(path(attribute));
        }
        return paths.toArray(Path[]::new);
    }

    private static List<Value> steps(Value attribute) {
        List<Value> steps = new ArrayList<>();
        switch (attribute) {
            case Value.None _ -> {}
            case Value.Text text -> {
                for (String part : Splits.parts(text.value(), ".", Integer.MAX_VALUE)) {
                    boolean number = part.matches("\\d{1,9}");
                    steps.add(number ? Value.integer(Integer.parseInt(part)) : Value.text(part));
                }
            }
            default -> steps.add(attribute);
        }
        return steps;
    }

    Value apply(String name, Value input, Arguments arguments) {
        if (name.equals("map")) {
            return map(input, arguments);
        }
        boolean wanted = name.startsWith("select");
        Predicate<Value> condition = condition(name, arguments);
        if (!Operators.truth(input)) {
            return new Value.Stream(java.util.Collections.emptyIterator());
        }
        return new Value.Stream(new Chosen(operators.iterate(input), value -> condition.test(value) == wanted));
    }

    private Predicate<Value> condition(String name, Arguments arguments) {
        List<Value> given = arguments.positional();
        boolean byAttribute = name.endsWith("attr");
        if (byAttribute && given.isEmpty()) {
            throw new TemplateFault("Missing parameter for attribute name");
        }
        Path path = path(byAttribute ? given.getFirst() : Value.NONE);
        List<Value> rest = given.subList(byAttribute ? 1 : 0, given.size());
        if (rest.isEmpty()) {
            return value -> Operators.truth(path.of(value));
        }
        String test = text(rest.getFirst());
        Arguments passed = new Arguments(test, rest.subList(1, rest.size()), arguments.keywords());
        return value -> calls.test(test, path.of(value), passed);
    }

    private static String text(Value name) {
        if (name instanceof Value.Text text) {
            return text.value();
        }
        throw new TemplateFault("the name of a filter or test must be a text, not " + PythonPrint.type(name));
    }

    private Value map(Value input, Arguments arguments) {
        java.util.function.UnaryOperator<Value> change;
        Value attribute = arguments.keywords().get("attribute");
        List<Value> given = arguments.positional();
        if (given.isEmpty() && attribute != null) {
            arguments.accept("map", "attribute", "default");
            Path path = path(attribute, arguments.keywords().get("default"));
            change = path::of;
        } else if (given.isEmpty()) {
            throw new TemplateFault("map requires a filter argument");
        } else {
            String filter = text(given.getFirst());
            Arguments passed = new Arguments(filter, given.subList(1, given.size()), arguments.keywords());
            change = value -> calls.filter(filter, value, passed);
        }
        if (!Operators.truth(input)) {
            return new Value.Stream(java.util.Collections.emptyIterator());
        }
        Iterator<Value> items = operators.iterate(input);
        return new Value.Stream(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Value next() {
                return change.apply(items.next());
            }
        });
    }

    /** The items that fulfil a condition, which is asked as late as possible. */
    static final class Chosen implements Iterator<Value> {
        private final Iterator<Value> items;
        private final Predicate<Value> condition;
        private @Nullable Value next;

        Chosen(Iterator<Value> items, Predicate<Value> condition) {
            this.items = items;
            this.condition = condition;
        }

        @Override
        public boolean hasNext() {
            while (next == null && items.hasNext()) {
                Value item = items.next();
                next = condition.test(item) ? item : null;
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Value item = next;
            next = null;
            return item;
        }
    }
}
