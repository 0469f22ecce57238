package org.reft4j.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values from JSON, and JSON as Python's {@code json.dumps} writes it.
 *
 * @param ascii whether other characters are escaped
 * @param indent what each level is indented with; {@code null}: everything on one line
 * @param itemEnd between items
 * @param keyEnd between key and value
 * @param sorted whether keys are in order
 */
record Json(boolean ascii, @Nullable String indent, String itemEnd, String keyEnd, boolean sorted) {

    /** The value that a JSON text stands for. */
    static Value read(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> Value.text(node.textValue());
            case BOOLEAN -> Value.bool(node.booleanValue());
            case NUMBER ->
                node.isIntegralNumber() ? new Value.Int(node.bigIntegerValue()) : new Value.Real(node.doubleValue());
            case ARRAY -> {
                List<Value> items = new ArrayList<>();
                node.forEach(item -> items.add(read(item)));
                yield Value.Items.list(items);
            }
            case OBJECT -> {
                Map<Value, Value> entries = new LinkedHashMap<>();
                node.properties().forEach(entry -> entries.put(Value.text(entry.getKey()), read(entry.getValue())));
                yield new Value.Mapping(entries);
            }
            default -> Value.NONE;
        };
    }

    /** The filter {@code tojson} with its arguments, as the reference defines it for chat templates. */
    static Value filter(Value value, Arguments arguments, Budget budget) {
        Arguments given = arguments.accept("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        String indent = switch (given.get(1, "indent", Value.NONE)) {
            case Value.None _ -> null;
            case Value.Text text -> text.value();
            case Value number -> " ".repeat(Math.clamp(Numbers.clamped(number), 0, 1000));
        };
        String itemEnd = indent == null ? ", " : ",";
        String keyEnd = ": ";
        if (given.get(2, "separators", Value.NONE) instanceof Value.Items separators
                && separators.values().size() == 2) {
            itemEnd = PythonPrint.str(separators.values().get(0), budget);
            keyEnd = PythonPrint.str(separators.values().get(1), budget);
        }
        Json json = new Json(
                given.flag(0, "ensure_ascii", false), indent, itemEnd, keyEnd, given.flag(3, "sort_keys", false));
        StringBuilder out = new StringBuilder();
        json.write(value, out, 0);
        return budget.text(out.toString());
    }

    private void write(Value value, StringBuilder out, int depth) {
        if (out.length() > Budget.LONGEST_TEXT) {
            throw new TemplateFault("JSON of more than " + Budget.LONGEST_TEXT + " characters");
        }
        switch (value) {
            case Value.None _ -> out.append("null");
            case Value.Bool flag -> out.append(flag.value());
            case Value.Int number -> out.append(number.value());
            case Value.Real number -> out.append(real(number.value()));
            case Value.Text text -> quote(text.value(), out);
            case Value.Items items when items.kind().indexed() -> list(items.values(), out, depth);
            case Value.Mapping mapping -> object(mapping, out, depth);
            default ->
                throw new TemplateFault("Object of type " + PythonPrint.type(value) + " is not JSON serializable");
        }
    }

    private static String real(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : PythonPrint.real(value);
    }

    private void list(List<Value> values, StringBuilder out, int depth) {
        if (values.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : itemEnd);
            breakLine(out, depth + 1);
            write(values.get(i), out, depth + 1);
        }
        breakLine(out, depth);
        out.append(']');
    }

    private void object(Value.Mapping mapping, StringBuilder out, int depth) {
        if (mapping.entries().isEmpty()) {
            out.append("{}");
            return;
        }
        List<Map.Entry<Value, Value>> entries =
                new ArrayList<>(mapping.entries().entrySet());
        if (sorted) {
            entries.sort(Map.Entry.comparingByKey(Operators::compare));
        }
        out.append('{');
        boolean first = true;
        for (Map.Entry<Value, Value> entry : entries) {
            out.append(first ? "" : itemEnd);
            first = false;
            breakLine(out, depth + 1);
            quote(key(entry.getKey()), out);
            out.append(keyEnd);
            write(entry.getValue(), out, depth + 1);
        }
        breakLine(out, depth);
        out.append('}');
    }

    private static String key(Value key) {
        return switch (key) {
            case Value.Text text -> text.value();
            case Value.None _ -> "null";
            case Value.Bool flag -> String.valueOf(flag.value());
            case Value.Int(BigInteger number) -> number.toString();
            case Value.Real number -> real(number.value());
            default ->
                throw new TemplateFault("keys must be str, int, float, bool or None, not " + PythonPrint.type(key));
        };
    }

    private void breakLine(StringBuilder out, int depth) {
        if (indent != null) {
            out.append('\n').repeat(indent, depth);
        }
    }

    private void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7E)) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
