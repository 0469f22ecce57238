package org.reft4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Value.Extent;

/** Python's operators on values. */
final class Operators {
    private final Budget budget;
    private final PythonFormat format;

    Operators(Budget budget) {
        this.budget = budget;
        this.format = new PythonFormat(budget);
    }

    /** {@code bool(value)}. */
    static boolean truth(Value value) {
        return switch (value) {
            case Value.None _, Value.Undefined _ -> false;
            case Value.Bool flag -> flag.value();
            case Value.Int number -> number.value().signum() != 0;
            case Value.Real number -> number.value() != 0;
            case Value.Text text -> !text.value().isEmpty();
            case Value.Items items -> !items.values().isEmpty();
            case Value.Mapping mapping -> !mapping.entries().isEmpty();
            case Value.Range range -> range.size() > 0;
            case LoopContext loop -> loop.length() > 0;
            case Value.Stream _, Value.Callable _, Namespace _ -> true;
        };
    }

    /** {@code iter(value)}. */
    Iterator<Value> iterate(Value value) {
        return switch (value) {
            case Value.Text text -> {
                budget.items(text.value().length());
                yield TemplateText.characters(text.value()).iterator();
            }
            case Value.Items items -> items.values().iterator();
            case Value.Mapping mapping -> mapping.entries().keySet().iterator();
            case Value.Range range -> {
                budget.items(range.size());
                yield range.values().iterator();
            }
            case Value.Stream stream -> stream.items();
            case Value.Undefined _ -> Collections.emptyIterator();
            default -> throw new TemplateFault("'" + PythonPrint.type(value) + "' object is not iterable");
        };
    }

    List<Value> list(Value value) {
        List<Value> values = new ArrayList<>();
        iterate(value).forEachRemaining(item -> {
            budget.items(1);
            values.add(item);
        });
        return values;
    }

    /** {@code len(value)}, or {@code null} for a value without a length. */
    static @Nullable Integer length(Value value) {
        return switch (value) {
            case Value.Text text -> TemplateText.length(text.value());
            case Value.Items items -> items.values().size();
            case Value.Mapping mapping -> mapping.entries().size();
            case Value.Range range -> range.size();
            case Value.Undefined _ -> 0;
            case LoopContext loop -> loop.length();
            default -> null;
        };
    }

    /** Arithmetic. */
    Value binary(String operator, Value left, Value right) {
        refuseUndefined(left);
        refuseUndefined(right);
        boolean numbers = Numbers.isNumber(left) && Numbers.isNumber(right);
        Value result = switch (operator) {
            case "+" -> numbers ? Numbers.add(left, right) : joined(left, right);
            case "-" -> numbers ? Numbers.subtract(left, right) : null;
            case "*" -> numbers ? Numbers.multiply(left, right) : repeated(left, right);
            case "/" -> numbers ? Numbers.divide(left, right) : null;
            case "//" -> numbers ? Numbers.floorDivide(left, right) : null;
            case "**" -> numbers ? Numbers.power(left, right) : null;
            case "%" ->
                left instanceof Value.Text text
                        ? format.percent(text, right)
                        : numbers ? Numbers.modulo(left, right) : null;
            default -> throw new IllegalArgumentException(operator);
        };
        if (result == null) {
            throw mistyped(operator, left, right);
        }
        return result;
    }

    private static TemplateFault mistyped(String operator, Value left, Value right) {
        if (operator.equals("+") && (left instanceof Value.Text || left instanceof Value.Items)) {
            String type = PythonPrint.type(left);
            return new TemplateFault(
                    "can only concatenate " + type + " (not \"" + PythonPrint.type(right) + "\") to " + type);
        }
        return new TemplateFault("unsupported operand type(s) for " + operator + ": '" + PythonPrint.type(left)
                + "' and '" + PythonPrint.type(right) + "'");
    }

    private static void refuseUndefined(Value value) {
        if (value instanceof Value.Undefined undefined) {
            throw undefined.fault();
        }
    }

    private @Nullable Value joined(Value left, Value right) {
        if (left instanceof Value.Text a && right instanceof Value.Text b) {
            return sum(a, b);
        }
        if (left instanceof Value.Items a
                && right instanceof Value.Items b
                && a.kind().indexed()
                && b.kind().indexed()
                && a.kind().python().equals(b.kind().python())) {
            List<Value> values = new ArrayList<>(a.values());
            values.addAll(b.values());
            budget.items(values.size());
            return Value.Items.of(
                    a.kind() == Value.Items.Kind.LIST ? Value.Items.Kind.LIST : Value.Items.Kind.TUPLE, values);
        }
        return null;
    }

    /** Escaped if a part is. */
    private Value.Text sum(Value.Text left, Value.Text right) {
        boolean safe = left.safe() || right.safe();
        String first = safe && !left.safe() ? TextFilters.escaped(left.value()) : left.value();
        String second = safe && !right.safe() ? TextFilters.escaped(right.value()) : right.value();
        budget.characters((long) first.length() + second.length());
        return new Value.Text(first + second, safe);
    }

    /** {@code ~}: everything as text, one after another. */
    Value concat(List<Value> parts) {
        StringBuilder joined = new StringBuilder();
        for (Value part : parts) {
            String text = PythonPrint.str(part, budget);
            budget.characters(text.length());
            joined.append(text);
        }
        return Value.text(joined.toString());
    }

    private @Nullable Value repeated(Value left, Value right) {
        if (Numbers.isInteger(left) && !Numbers.isNumber(right)) {
            return repeated(right, left);
        }
        if (!Numbers.isInteger(right)) {
            return null;
        }
        long times = Math.max(0, Numbers.clamped(right));
        if (left instanceof Value.Text text) {
            budget.characters(text.value().length() * times);
            return new Value.Text(text.value().repeat(text.value().isEmpty() ? 0 : (int) times), text.safe());
        }
        if (left instanceof Value.Items items && items.kind().indexed()) {
            budget.items(items.values().size() * times);
            List<Value> values = new ArrayList<>();
            for (long i = 0; i < times && !items.values().isEmpty(); i++) {
                values.addAll(items.values());
            }
            return Value.Items.of(items.kind(), values);
        }
        return null;
    }

    static Value sign(boolean minus, Value value) {
        refuseUndefined(value);
        if (!Numbers.isNumber(value)) {
            throw new TemplateFault(
                    "bad operand type for unary " + (minus ? "-" : "+") + ": '" + PythonPrint.type(value) + "'");
        }
        return minus ? Numbers.negate(value) : Numbers.add(value, Value.FALSE);
    }

    /** One comparison of a chain. */
    boolean compare(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> ordered(operator, left, right);
        };
    }

    boolean equal(Value left, Value right) {
        budget.work(Math.min(Extent.of(left).size(), Extent.of(right).size()));
        return left.equals(right);
    }

    boolean ordered(String operator, Value left, Value right) {
        refuseUndefined(left);
        refuseUndefined(right);
        budget.work(Math.min(Extent.of(left).size(), Extent.of(right).size()));
        if (nan(left) || nan(right)) {
            return false;
        }
        int order = compare(left, right, operator);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static boolean nan(Value value) {
        return value instanceof Value.Real(double number) && Double.isNaN(number);
    }

    /** The order of values that have one. */
    static int compare(Value left, Value right) {
        return compare(left, right, "<");
    }

    private static int compare(Value left, Value right, String operator) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof Value.Text a && right instanceof Value.Text b) {
            return compare(a.value(), b.value());
        }
        if (left instanceof Value.Items a
                && right instanceof Value.Items b
                && a.kind().indexed()
                && a.kind().python().equals(b.kind().python())) {
            int shared = Math.min(a.values().size(), b.values().size());
            for (int i = 0; i < shared; i++) {
                if (!a.values().get(i).equals(b.values().get(i))) {
                    return compare(a.values().get(i), b.values().get(i), operator);
                }
            }
            return Integer.compare(a.values().size(), b.values().size());
        }
        throw new TemplateFault("'" + operator + "' not supported between instances of '" + PythonPrint.type(left)
                + "' and '" + PythonPrint.type(right) + "'");
    }

    /** Compares by characters, not by UTF-16 units. */
    private static int compare(String a, String b) {
        int shared = Math.min(a.length(), b.length());
        for (int i = 0; i < shared; i++) {
            if (a.charAt(i) != b.charAt(i)) {
                return Integer.compare(rank(a.charAt(i)), rank(b.charAt(i)));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Surrogates stand for characters after all others. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }

    /** {@code item in container}. */
    boolean contains(Value container, Value item) {
        switch (container) {
            case Value.Text text -> {
                if (item instanceof Value.Text part) {
                    return find(text.value(), part.value(), 0) >= 0;
                }
                throw new TemplateFault("'in <string>' requires string as left operand, not " + PythonPrint.type(item));
            }
            case Value.Mapping mapping -> {
                return mapping.entries().containsKey(hashable(item));
            }
            case Value.Items _, Value.Range _, Value.Stream _, Value.Undefined _ -> {
                Iterator<Value> each = iterate(container);
                while (each.hasNext()) {
                    if (equal(item, each.next())) {
                        return true;
                    }
                }
                return false;
            }
            default ->
                throw new TemplateFault("argument of type '" + PythonPrint.type(container) + "' is not iterable");
        }
    }

    /** A value that can be a key. */
    static Value hashable(Value value) {
        boolean list = value instanceof Value.Items items && items.kind() == Value.Items.Kind.LIST;
        if (list || value instanceof Value.Mapping) {
            throw new TemplateFault("unhashable type: '" + PythonPrint.type(value) + "'");
        }
        return value;
    }

    /** {@code indexOf}, whose cost counts: it grows with the product of both lengths at worst. */
    int find(String text, String part, int from) {
        long length = Math.max(0, text.length() - from);
        budget.work(length / 64 + length * part.length() / 4096);
        return text.indexOf(part, from);
    }
}
