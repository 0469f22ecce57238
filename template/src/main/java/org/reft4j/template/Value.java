package org.reft4j.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of the template language, which is Python's. {@code equals} is Python's {@code ==}: numbers are equal across types, and every
 * undefined value equals every other. Values do not change, namespaces and loops apart.
 */
sealed interface Value permits Value.Plain, Value.Callable, Namespace, LoopContext {
    Value NONE = new None();
    Value TRUE = new Bool(true);
    Value FALSE = new Bool(false);

    /** Values without behaviour of their own. */
    sealed interface Plain extends Value {}

    record None() implements Plain {}

    record Bool(boolean value) implements Plain {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value value && Numbers.equal(this, value);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    record Int(BigInteger value) implements Plain {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value value && Numbers.equal(this, value);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    record Real(double value) implements Plain {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value value && Numbers.equal(this, value);
        }

        @Override
        public int hashCode() {
            return Numbers.hash(this);
        }
    }

    /** @param safe whether it counts as escaped already ({@code Markup}) */
    record Text(String value, boolean safe) implements Plain {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Text text && text.value.equals(value);
        }

        @Override
        public int hashCode() {
            return value.hashCode();
        }
    }

    /**
     * Value of a name or an attribute that does not exist: prints as nothing, is false and empty, and fails when anything else is
     * done with it.
     *
     * @param reason the failure's
     */
    record Undefined(String reason) implements Plain {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Undefined;
        }

        @Override
        public int hashCode() {
            return 1;
        }

        TemplateFault fault() {
            return new TemplateFault(reason);
        }
    }

    /** Numbers from start to stop, stop excluded. */
    record Range(long start, long stop, long step) implements Plain {
        int size() {
            long span = step > 0 ? stop - start : start - stop;
            return span <= 0 ? 0 : Math.toIntExact(Math.ceilDiv(span, Math.abs(step)));
        }

        Value get(int index) {
            return integer(start + index * step);
        }

        List<Value> values() {
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < size(); i++) {
                values.add(get(i));
            }
            return values;
        }
    }

    /** A result that is made item by item and can be gone through once. */
    record Stream(Iterator<Value> items) implements Plain {}

    /** Lists, tuples and the views of a mapping. */
    final class Items implements Plain {
        /** Python's types of a sequence of values. */
        enum Kind {
            LIST("list"),
            TUPLE("tuple"),
            /** A tuple with the names {@code grouper} and {@code list}. */
            GROUP("tuple"),
            KEYS("dict_keys"),
            VALUES("dict_values"),
            ENTRIES("dict_items");

            private final String python;

            Kind(String python) {
                this.python = python;
            }

            String python() {
                return python;
            }

            boolean indexed() {
                return this == LIST || this == TUPLE || this == GROUP;
            }
        }

        private final Kind kind;
        private final List<Value> values;
        private final Extent extent;

        private Items(Kind kind, List<Value> values) {
            this.kind = kind;
            this.values = Collections.unmodifiableList(values);
            this.extent = Extent.around(values);
        }

        static Items of(Kind kind, List<Value> values) {
            return new Items(kind, values);
        }

        static Items list(List<Value> values) {
            return new Items(Kind.LIST, values);
        }

        static Items tuple(Value... values) {
            return new Items(Kind.TUPLE, List.of(values));
        }

        Kind kind() {
            return kind;
        }

        List<Value> values() {
            return values;
        }

        Extent extent() {
            return extent;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Items items && items.kind.python.equals(kind.python) && items.values.equals(values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }
    }

    /** Values by key, in order. */
    final class Mapping implements Plain {
        private final Map<Value, Value> entries;
        private final Extent extent;

        Mapping(Map<Value, Value> entries) {
            this.entries = Collections.unmodifiableMap(entries);
            this.extent = Extent.around(entries.values());
        }

        static Mapping ofNames(Map<String, Value> named) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            named.forEach((name, value) -> entries.put(text(name), value));
            return new Mapping(entries);
        }

        Map<Value, Value> entries() {
            return entries;
        }

        @Nullable
        Value get(String key) {
            return entries.get(text(key));
        }

        Extent extent() {
            return extent;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Mapping mapping && mapping.entries.equals(entries);
        }

        @Override
        public int hashCode() {
            return entries.hashCode();
        }
    }

    /** Something that can be called. */
    non-sealed interface Callable extends Value {
        String name();

        Value call(Arguments arguments);
    }

    /** A method or a global function. */
    record Function(String name, java.util.function.Function<Arguments, Value> body) implements Callable {
        @Override
        public Value call(Arguments arguments) {
            return body.apply(arguments);
        }
    }

    static Text text(String text) {
        return new Text(text, false);
    }

    static Bool bool(boolean value) {
        return (Bool) (value ? TRUE : FALSE);
    }

    static Int integer(long value) {
        return new Int(BigInteger.valueOf(value));
    }

    /**
     * Depth and size of a value when it is written out. Values share parts, so that a few steps could make one that would take for
     * ever to print or compare: such a value is refused when it is made.
     *
     * @param depth values within values
     * @param size number of values, shared ones counted each time
     */
    record Extent(int depth, long size) {
        private static final int DEEPEST = 100;
        private static final long LARGEST = 4_000_000;

        /** The extent of a value that holds others. */
        static Extent around(Collection<Value> parts) {
            int depth = 0;
            long size = 1;
            for (Value part : parts) {
                Extent extent = of(part);
                depth = Math.max(depth, extent.depth);
                size += extent.size;
                if (size > LARGEST) {
                    throw new TemplateFault("the template makes a value of more than " + LARGEST / 1_000_000
                            + " million parts and is stopped; use another template");
                }
            }
            if (depth >= DEEPEST) {
                throw new TemplateFault(
                        "values are nested deeper than " + DEEPEST + " levels; flatten the conversation");
            }
            return new Extent(depth + 1, size);
        }

        static Extent of(Value value) {
            return switch (value) {
                case Value.Items items -> items.extent();
                case Value.Mapping mapping -> mapping.extent();
                case Value.Text text -> new Extent(0, 1 + text.value().length() / 64);
                default -> new Extent(0, 1);
            };
        }
    }
}
