package org.reft4j.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Value.Function;
import org.reft4j.template.Value.Items;

/** The methods of Python's mappings, lists, tuples and ranges that change nothing. */
final class CollectionMethods {
    private final Budget budget;
    private final Operators operators;

    CollectionMethods(Budget budget, Operators operators) {
        this.budget = budget;
        this.operators = operators;
    }

    /** A method, or {@code null} if a mapping has none of that name. */
    @Nullable
    Value find(Value.Mapping mapping, String name) {
        return switch (name) {
            case "get" ->
                new Function(name, arguments -> {
                    if (!arguments.keywords().isEmpty()) {
                        throw new TemplateFault("dict.get() takes no keyword arguments");
                    }
                    Arguments given = arguments.accept("get", "key", "default");
                    Value found = mapping.entries().get(Operators.hashable(given.required(0, "key")));
                    return found == null ? given.get(1, "default", Value.NONE) : found;
                });
            case "items" ->
                new Function(name, arguments -> {
                    arguments.accept("items");
                    return Items.of(Items.Kind.ENTRIES, pairs(mapping));
                });
            case "keys" ->
                view(name, Items.Kind.KEYS, new ArrayList<>(mapping.entries().keySet()));
            case "values" ->
                view(name, Items.Kind.VALUES, new ArrayList<>(mapping.entries().values()));
            case "copy" ->
                new Function(name, arguments -> {
                    arguments.accept("copy");
                    return mapping;
                });
            case "fromkeys" -> new Function(name, this::fromKeys);
            default -> null;
        };
    }

    private Value fromKeys(Arguments arguments) {
        Arguments given = arguments.accept("fromkeys", "iterable", "value");
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Value key : operators.list(given.required(0, "iterable"))) {
            entries.put(Operators.hashable(key), given.get(1, "value", Value.NONE));
        }
        return new Value.Mapping(entries);
    }

    private Value view(String name, Items.Kind kind, List<Value> values) {
        return new Function(name, arguments -> {
            arguments.accept(name);
            budget.items(values.size());
            return Items.of(kind, values);
        });
    }

    /** Keys with their values, as tuples. */
    List<Value> pairs(Value.Mapping mapping) {
        budget.items(2L * mapping.entries().size());
        List<Value> pairs = new ArrayList<>();
        mapping.entries().forEach((key, value) -> pairs.add(Items.tuple(key, value)));
        return pairs;
    }

    /** A method or field, or {@code null}. */
    @Nullable
    Value find(Items items, String name) {
        if (items.kind() == Items.Kind.GROUP) {
            if (name.equals("grouper") || name.equals("list")) {
                return items.values().get(name.equals("list") ? 1 : 0);
            }
        }
        if (!items.kind().indexed()) {
            return null;
        }
        return switch (name) {
            case "copy" ->
                items.kind() != Items.Kind.LIST
                        ? null
                        : new Function(name, arguments -> {
                            arguments.accept("copy");
                            return items;
                        });
            case "count" -> new Function(name, arguments -> count(items.values(), arguments));
            case "index" -> new Function(name, arguments -> index(items.values(), arguments));
            default -> null;
        };
    }

    @Nullable
    Value find(Value.Range range, String name) {
        return switch (name) {
            case "start" -> Value.integer(range.start());
            case "stop" -> Value.integer(range.stop());
            case "step" -> Value.integer(range.step());
            case "count" -> new Function(name, arguments -> count(range.values(), arguments));
            case "index" -> new Function(name, arguments -> index(range.values(), arguments));
            default -> null;
        };
    }

    private Value count(List<Value> values, Arguments arguments) {
        Value wanted = arguments.accept("count", "value").required(0, "value");
        long count = 0;
        for (Value value : values) {
            count += operators.equal(value, wanted) ? 1 : 0;
        }
        return Value.integer(count);
    }

    private Value index(List<Value> values, Arguments arguments) {
        Arguments given = arguments.accept("index", "value", "start", "stop");
        Value wanted = given.required(0, "value");
        int size = values.size();
        int from = place(given.integer(1, "start", 0), size);
        int to = place(given.integer(2, "stop", size), size);
        for (int i = from; i < to; i++) {
            if (operators.equal(values.get(i), wanted)) {
                return Value.integer(i);
            }
        }
        throw new TemplateFault("the value is not in list");
    }

    private static int place(int index, int size) {
        return Math.clamp(index < 0 ? (long) index + size : index, 0, size);
    }
}
