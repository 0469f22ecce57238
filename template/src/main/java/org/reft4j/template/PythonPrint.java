package org.reft4j.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** Values as Python's {@code str} and {@code repr} write them. */
final class PythonPrint {
    private static final int DEEPEST = 120;

    private PythonPrint() {}

    /** The name of a value's type. */
    static String type(Value value) {
        return switch (value) {
            case Value.None _ -> "NoneType";
            case Value.Bool _ -> "bool";
            case Value.Int _ -> "int";
            case Value.Real _ -> "float";
            case Value.Text text -> text.safe() ? "Markup" : "str";
            case Value.Undefined _ -> "Undefined";
            case Value.Range _ -> "range";
            case Value.Stream _ -> "generator";
            case Value.Items items -> items.kind().python();
            case Value.Mapping _ -> "dict";
            case Value.Callable _ -> "function";
            case Namespace _ -> "Namespace";
            case LoopContext _ -> "LoopContext";
        };
    }

    /** Text that a template writes for a value. */
    static String str(Value value, Budget budget) {
        return switch (value) {
            case Value.Text text -> text.value();
            case Value.Undefined _ -> "";
            default -> repr(value, budget);
        };
    }

    static String repr(Value value, Budget budget) {
        StringBuilder out = new StringBuilder();
        repr(value, out, 0);
        budget.characters(out.length());
        return out.toString();
    }

    private static void repr(Value value, StringBuilder out, int depth) {
        if (depth > DEEPEST) {
            throw new TemplateFault("maximum recursion depth exceeded while printing a value");
        }
        if (out.length() > Budget.LONGEST_TEXT) {
            throw new TemplateFault("a printed value of more than " + Budget.LONGEST_TEXT + " characters");
        }
        switch (value) {
            case Value.None _ -> out.append("None");
            case Value.Bool flag -> out.append(flag.value() ? "True" : "False");
            case Value.Int number -> out.append(number.value());
            case Value.Real number -> out.append(real(number.value()));
            case Value.Text text -> {
                out.append(text.safe() ? "Markup(" : "");
                quote(text.value(), out);
                out.append(text.safe() ? ")" : "");
            }
            case Value.Undefined _ -> out.append("Undefined");
            case Value.Range range -> {
                out.append("range(").append(range.start()).append(", ").append(range.stop());
                out.append(range.step() == 1 ? "" : ", " + range.step()).append(')');
            }
            case Value.Items items -> items(items, out, depth);
            case Value.Mapping mapping -> entries(mapping.entries(), out, depth);
            case Namespace namespace -> {
                out.append("<Namespace ");
                entries(Value.Mapping.ofNames(namespace.attributes()).entries(), out, depth);
                out.append('>');
            }
            case LoopContext loop ->
                out.append("<LoopContext ").append(loop.position()).append('>');
            case Value.Stream _ -> out.append("<generator object>");
            case Value.Callable callable ->
                out.append("<function ").append(callable.name()).append('>');
        }
    }

    private static void items(Value.Items items, StringBuilder out, int depth) {
        boolean list = items.kind() == Value.Items.Kind.LIST;
        boolean view = !items.kind().indexed();
        out.append(view ? items.kind().python() + "([" : list ? "[" : "(");
        Iterator<Value> each = items.values().iterator();
        while (each.hasNext()) {
            repr(each.next(), out, depth + 1);
            out.append(each.hasNext() ? ", " : "");
        }
        boolean single = !view && !list && items.values().size() == 1;
        out.append(view ? "])" : list ? "]" : single ? ",)" : ")");
    }

    private static void entries(Map<Value, Value> entries, StringBuilder out, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            out.append(first ? "" : ", ");
            first = false;
            repr(entry.getKey(), out, depth + 1);
            out.append(": ");
            repr(entry.getValue(), out, depth + 1);
        }
        out.append('}');
    }

    /** The shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16 on. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = decimal.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = decimal.unscaledValue().abs().toString();
        return (value < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /** A text in quotes: single ones, unless it holds these and no double ones. */
    static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (printable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        String form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                        out.append(String.format(Locale.ROOT, form, c));
                    }
                }
            }
        });
        out.append(quote);
    }

    static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
