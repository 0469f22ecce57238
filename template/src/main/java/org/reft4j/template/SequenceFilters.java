package org.reft4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Value.Items;

/** Jinja's filters of rows of values. */
final class SequenceFilters {
    private final Budget budget;
    private final Operators operators;
    private final Selection selection;

    SequenceFilters(Budget budget, Operators operators, Selection selection) {
        this.budget = budget;
        this.operators = operators;
        this.selection = selection;
    }

    /** Applies a filter to a value; {@code null} if there is no such filter here. */
    @Nullable
    Value apply(String name, Value input, Arguments arguments) {
        return switch (name) {
            case "length", "count" -> length(input);
            case "list" -> budget.list(operators.list(input));
            case "first" -> first(input);
            case "last" -> last(input);
            case "join" -> join(input, arguments.accept(name, "d", "attribute"));
            case "items" -> items(input);
            case "dictsort" -> dictSort(input, arguments.accept(name, "case_sensitive", "by", "reverse"));
            case "sort" -> sort(input, arguments.accept(name, "reverse", "case_sensitive", "attribute"));
            case "unique" -> unique(input, arguments.accept(name, "case_sensitive", "attribute"));
            case "min", "max" -> extreme(name, input, arguments.accept(name, "case_sensitive", "attribute"));
            case "sum" -> sum(input, arguments.accept(name, "attribute", "start"));
            case "reverse" -> reverse(input);
            case "batch" -> batch(input, arguments.accept(name, "linecount", "fill_with"));
            case "slice" -> slice(input, arguments.accept(name, "slices", "fill_with"));
            case "groupby" -> group(input, arguments.accept(name, "attribute", "default", "case_sensitive"));
            case "map", "select", "reject", "selectattr", "rejectattr" -> selection.apply(name, input, arguments);
            default -> null;
        };
    }

    private static Value length(Value input) {
        Integer length = Operators.length(input);
        if (length == null) {
            throw new TemplateFault("object of type '" + PythonPrint.type(input) + "' has no len()");
        }
        return Value.integer(length);
    }

    private Value first(Value input) {
        if (input instanceof Value.Text text && !text.value().isEmpty()) {
            return Value.text(Character.toString(text.value().codePointAt(0)));
        }
        Iterator<Value> each = operators.iterate(input);
        return each.hasNext() ? each.next() : new Value.Undefined("No first item, sequence was empty.");
    }

    private Value last(Value input) {
        if (input instanceof Value.Stream || input instanceof Value.Undefined) {
            throw new TemplateFault("'" + PythonPrint.type(input) + "' object is not reversible");
        }
        if (input instanceof Value.Text text && !text.value().isEmpty()) {
            return Value.text(
                    Character.toString(text.value().codePointBefore(text.value().length())));
        }
        List<Value> values = input instanceof Items items ? items.values() : operators.list(input);
        return values.isEmpty() ? new Value.Undefined("No last item, sequence was empty.") : values.getLast();
    }

    private Value join(Value input, Arguments given) {
        String separator = PythonPrint.str(given.get(0, "d", Value.text("")), budget);
        Selection.Path path = selection.path(given.get(1, "attribute", Value.NONE));
        StringBuilder out = new StringBuilder();
        Iterator<Value> each = operators.iterate(input);
        for (boolean first = true; each.hasNext(); first = false) {
            String text = PythonPrint.str(path.of(each.next()), budget);
            budget.characters((long) separator.length() + text.length());
            out.append(first ? "" : separator).append(text);
        }
        return Value.text(out.toString());
    }

    private Value items(Value input) {
        if (input instanceof Value.Undefined) {
            return new Value.Stream(Collections.emptyIterator());
        }
        return new Value.Stream(
                pairs(input, "Can only get item pairs from a mapping.").iterator());
    }

    private List<Value> pairs(Value input, String refusal) {
        if (input instanceof Value.Undefined undefined) {
            throw undefined.fault();
        }
        if (!(input instanceof Value.Mapping mapping)) {
            throw new TemplateFault(refusal);
        }
        return new CollectionMethods(budget, operators).pairs(mapping);
    }

    private Value dictSort(Value input, Arguments given) {
        String by = given.text(1, "by", "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateFault("You can only sort by either \"key\" or \"value\"");
        }
        int position = by.equals("key") ? 0 : 1;
        boolean sensitive = given.flag(0, "case_sensitive", false);
        List<Value> pairs = pairs(input, "'" + PythonPrint.type(input) + "' object has no attribute 'items'");
        return sorted(
                pairs,
                pair -> folded(((Items) pair).values().get(position), sensitive),
                given.flag(2, "reverse", false));
    }

    private Value sorted(List<Value> values, java.util.function.UnaryOperator<Value> key, boolean reverse) {
        List<Value[]> keyed = new ArrayList<>();
        for (Value value : values) {
            keyed.add(new Value[] {key.apply(value), value});
        }
        Comparator<Value[]> order = (a, b) -> {
            budget.work(4);
            return operators.ordered("<", a[0], b[0]) ? -1 : operators.ordered("<", b[0], a[0]) ? 1 : 0;
        };
        try {
            keyed.sort(reverse ? order.reversed() : order);
        } catch (IllegalArgumentException _) {
            throw new TemplateFault("values without an order (nan among them) cannot be sorted");
        }
        List<Value> sorted = new ArrayList<>();
        keyed.forEach(pair -> sorted.add(pair[1]));
        return budget.list(sorted);
    }

    private static Value folded(Value value, boolean sensitive) {
        return value instanceof Value.Text text && !sensitive
                ? Value.text(text.value().toLowerCase(java.util.Locale.ROOT))
                : value;
    }

    private Value sort(Value input, Arguments given) {
        boolean sensitive = given.flag(1, "case_sensitive", false);
        Selection.Path[] paths = selection.paths(given.get(2, "attribute", Value.NONE));
        return sorted(
                operators.list(input),
                value -> {
                    List<Value> keys = new ArrayList<>();
                    for (Selection.Path path : paths) {
                        keys.add(folded(path.of(value), sensitive));
                    }
                    return Items.list(keys);
                },
                given.flag(0, "reverse", false));
    }

    private Value unique(Value input, Arguments given) {
        boolean sensitive = given.flag(0, "case_sensitive", false);
        Selection.Path path = selection.path(given.get(1, "attribute", Value.NONE));
        Set<Value> seen = new HashSet<>();
        List<Value> unique = new ArrayList<>();
        for (Value value : operators.list(input)) {
            if (seen.add(Operators.hashable(folded(path.of(value), sensitive)))) {
                unique.add(value);
            }
        }
        return new Value.Stream(unique.iterator());
    }

    private Value extreme(String name, Value input, Arguments given) {
        boolean sensitive = given.flag(0, "case_sensitive", false);
        Selection.Path path = selection.path(given.get(1, "attribute", Value.NONE));
        Value found = null;
        for (Value value : operators.list(input)) {
            boolean better = found == null
                    || operators.ordered(
                            name.equals("min") ? "<" : ">",
                            folded(path.of(value), sensitive),
                            folded(path.of(found), sensitive));
            found = better ? value : found;
        }
        return found == null ? new Value.Undefined("No aggregated item, sequence was empty.") : found;
    }

    private Value sum(Value input, Arguments given) {
        Selection.Path path = selection.path(given.get(0, "attribute", Value.NONE));
        Value sum = given.get(1, "start", Value.integer(0));
        for (Value value : operators.list(input)) {
            sum = operators.binary("+", sum, path.of(value));
        }
        return sum;
    }

    private Value reverse(Value input) {
        if (input instanceof Value.Text text) {
            return budget.text(new StringBuilder(text.value()).reverse().toString());
        }
        List<Value> values = operators.list(input);
        Collections.reverse(values);
        return input instanceof Value.Stream ? budget.list(values) : new Value.Stream(values.iterator());
    }

    private Value batch(Value input, Arguments given) {
        int size = given.integer(0, "linecount", 1);
        Value fill = given.get(1, "fill_with", Value.NONE);
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Value value : operators.list(input)) {
            if (batch.size() == size) {
                batches.add(budget.list(batch));
                batch = new ArrayList<>();
            }
            batch.add(value);
        }
        if (!batch.isEmpty()) {
            fill(batch, fill, size);
            batches.add(budget.list(batch));
        }
        return new Value.Stream(batches.iterator());
    }

    private void fill(List<Value> values, Value fill, int size) {
        while (!(fill instanceof Value.None) && values.size() < size) {
            budget.items(1);
            values.add(fill);
        }
    }

    private Value slice(Value input, Arguments given) {
        List<Value> values = operators.list(input);
        int slices = given.integer(0, "slices", 1);
        if (slices <= 0) {
            throw new TemplateFault("slice needs a number of slices above 0");
        }
        Value fill = given.get(1, "fill_with", Value.NONE);
        int size = values.size() / slices;
        int larger = values.size() % slices;
        List<Value> result = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            budget.items(1);
            int to = from + size + (i < larger ? 1 : 0);
            List<Value> slice = new ArrayList<>(values.subList(from, to));
            from = to;
            fill(slice, i < larger ? Value.NONE : fill, slice.size() + 1);
            result.add(budget.list(slice));
        }
        return new Value.Stream(result.iterator());
    }

    private Value group(Value input, Arguments given) {
        Value fallback = given.find(1, "default");
        Selection.Path path = selection.path(given.required(0, "attribute"), fallback);
        boolean sensitive = given.flag(2, "case_sensitive", false);
        Value sorted = sorted(operators.list(input), value -> folded(path.of(value), sensitive), false);
        Map<Value, List<Value>> groups = new LinkedHashMap<>();
        for (Value value : operators.list(sorted)) {
            groups.computeIfAbsent(folded(path.of(value), sensitive), _ -> new ArrayList<>())
                    .add(value);
        }
        List<Value> result = new ArrayList<>();
        groups.values()
                .forEach(values -> result.add(
                        Items.of(Items.Kind.GROUP, List.of(path.of(values.getFirst()), budget.list(values)))));
        return budget.list(result);
    }
}
