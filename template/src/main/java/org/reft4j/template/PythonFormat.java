package org.reft4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's two ways to put values into a text: {@code text % values} and {@code text.format(values)}. */
final class PythonFormat {
    private static final Pattern PERCENT = Pattern.compile(
            "%(?:\\(([^()]*)\\))?([-+ #0]*)(\\*|\\d{1,9})?(?:\\.(\\d{0,9}))?[hlL]?(.)?", Pattern.DOTALL);
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

    private final Budget budget;

    PythonFormat(Budget budget) {
        this.budget = budget;
    }

    /** {@code text % values}: a tuple gives its items in turn, a mapping is asked by name, anything else is one value. */
    Value percent(Value.Text text, Value given) {
        List<Value> values = given instanceof Value.Items items && items.kind() != Value.Items.Kind.LIST
                ? items.values()
                : List.of(given);
        StringBuilder out = new StringBuilder();
        Matcher matcher = PERCENT.matcher(text.value());
        int from = 0;
        int next = 0;
        boolean named = false;
        while (matcher.find(from)) {
            out.append(text.value(), from, matcher.start());
            from = matcher.end();
            String type = matcher.group(5);
            if (type == null) {
                throw new TemplateFault("incomplete format");
            }
            if (type.equals("%")) {
                out.append('%');
                continue;
            }
            String width = matcher.group(3);
            if ("*".equals(width)) {
                width = String.valueOf(Numbers.clamped(item(values, next++)));
            }
            Value value;
            if (matcher.group(1) != null) {
                named = true;
                if (!(given instanceof Value.Mapping mapping)) {
                    throw new TemplateFault("format requires a mapping");
                }
                value = mapping.get(matcher.group(1));
                if (value == null) {
                    throw new TemplateFault("'" + matcher.group(1) + "'");
                }
            } else {
                value = item(values, next++);
            }
            out.append(percent(value, matcher.group(2), width, matcher.group(4), type.charAt(0)));
            budget.characters(out.length());
        }
        if (!named && next < values.size() && !(given instanceof Value.Mapping)) {
            throw new TemplateFault("not all arguments converted during string formatting");
        }
        out.append(text.value().substring(from));
        return new Value.Text(out.toString(), text.safe());
    }

    private static Value item(List<Value> values, int index) {
        if (index >= values.size()) {
            throw new TemplateFault("not enough arguments for format string");
        }
        return values.get(index);
    }

    private String percent(Value value, String flags, @Nullable String width, @Nullable String precision, char type) {
        boolean left = flags.contains("-");
        char align = left ? '<' : '>';
        boolean zero = flags.contains("0") && !left && "srac".indexOf(type) < 0;
        char sign = flags.contains("+") ? '+' : flags.contains(" ") ? ' ' : '-';
        int digits = precision == null ? -1 : precision.isEmpty() ? 0 : Integer.parseInt(precision);
        Value shown = value;
        char code = type;
        switch (type) {
            case 's' -> shown = Value.text(PythonPrint.str(value, budget));
            case 'r', 'a' -> {
                shown = Value.text(PythonPrint.repr(value, budget));
                code = 's';
            }
            case 'd', 'i', 'u' -> shown = whole(value, type);
            case 'c' -> {
                shown = value instanceof Value.Text ? value : Value.text(Character.toString(Numbers.clamped(value)));
                code = 's';
            }
            case 'x', 'X', 'o' -> {
                if (!Numbers.isInteger(value)) {
                    throw new TemplateFault(
                            "%" + type + " format: an integer is required, not " + PythonPrint.type(value));
                }
                shown = new Value.Int(Objects.requireNonNull(Numbers.whole(value)));
            }
            case 'e', 'E', 'f', 'F', 'g', 'G' -> shown = new Value.Real(Numbers.real(value));
            default -> throw new TemplateFault("unsupported format character '" + type + "'");
        }
        int columns = width == null ? 0 : Integer.parseInt(width);
        return new FormatSpec(
                        zero ? "0" : " ",
                        zero ? '=' : align,
                        sign,
                        flags.contains("#"),
                        columns,
                        (char) 0,
                        digits,
                        code)
                .write(shown, budget);
    }

    private static Value whole(Value value, char type) {
        if (value instanceof Value.Undefined undefined) {
            throw undefined.fault();
        }
        if (!Numbers.isNumber(value)) {
            throw new TemplateFault("%" + type + " format: a real number is required, not " + PythonPrint.type(value));
        }
        BigInteger whole = Numbers.whole(value);
        return new Value.Int(whole != null ? whole : new BigDecimal(Numbers.real(value)).toBigInteger());
    }

    /** {@code text.format(...)}. */
    Value format(Value.Text text, Arguments arguments, Attributes attributes) {
        return new Value.Text(new Fields(arguments, attributes).fill(text.value(), 0), text.safe());
    }

    /** One text with fields in braces. */
    private final class Fields {
        private final Arguments arguments;
        private final Attributes attributes;
        private int next;

        Fields(Arguments arguments, Attributes attributes) {
            this.arguments = arguments;
            this.attributes = attributes;
        }

        String fill(String text, int depth) {
            if (depth > 2) {
                throw new TemplateFault("Max string recursion exceeded");
            }
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < text.length(); ) {
                char c = text.charAt(at);
                boolean twice = at + 1 < text.length() && text.charAt(at + 1) == c;
                if (c != '{' && c != '}') {
                    out.append(c);
                    at++;
                } else if (twice && depth == 0) {
                    out.append(c);
                    at += 2;
                } else if (c == '}') {
                    throw new TemplateFault("Single '}' encountered in format string");
                } else {
                    int end = closing(text, at);
                    out.append(field(text.substring(at + 1, end), depth));
                    budget.characters(out.length());
                    at = end + 1;
                }
            }
            return out.toString();
        }

        private int closing(String text, int open) {
            int depth = 0;
            for (int at = open; at < text.length(); at++) {
                depth += text.charAt(at) == '{' ? 1 : text.charAt(at) == '}' ? -1 : 0;
                if (depth == 0) {
                    return at;
                }
            }
            throw new TemplateFault("Single '{' encountered in format string");
        }

        private String field(String field, int depth) {
            int colon = field.indexOf(':');
            String name = colon < 0 ? field : field.substring(0, colon);
            String spec = colon < 0 ? "" : fill(field.substring(colon + 1), depth + 1);
            char conversion = 0;
            if (name.length() >= 2 && name.charAt(name.length() - 2) == '!') {
                conversion = name.charAt(name.length() - 1);
                name = name.substring(0, name.length() - 2);
            }
            Value value = value(name);
            Value shown = switch (conversion) {
                case 0 -> value;
                case 's' -> Value.text(PythonPrint.str(value, budget));
                case 'r', 'a' -> Value.text(PythonPrint.repr(value, budget));
                default -> throw new TemplateFault("Unknown conversion specifier '" + conversion + "'");
            };
            return spec.isEmpty()
                    ? PythonPrint.str(shown, budget)
                    : FormatSpec.of(spec).write(shown, budget);
        }

        private Value value(String name) {
            int end = 0;
            while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
                end++;
            }
            Value value = first(name.substring(0, end));
            Matcher step = STEP.matcher(name);
            while (end < name.length()) {
                if (!step.find(end) || step.start() != end) {
                    throw new TemplateFault("Only '.' or '[' may follow ']' in format field specifier");
                }
                String attribute = step.group(1);
                String item = step.group(2);
                value = attribute != null ? attributes.attribute(value, attribute) : attributes.item(value, key(item));
                end = step.end();
            }
            return value;
        }

        private Value first(String name) {
            if (name.isEmpty() || name.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int index = name.isEmpty() ? next++ : name.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(name);
                if (index >= arguments.positional().size()) {
                    throw new TemplateFault("Replacement index " + index + " out of range for positional args tuple");
                }
                return arguments.positional().get(index);
            }
            Value value = arguments.keywords().get(name);
            if (value == null) {
                throw new TemplateFault("'" + name + "'");
            }
            return value;
        }

        private Value key(String item) {
            boolean number = item.length() < 7 && item.chars().allMatch(c -> c >= '0' && c <= '9');
            return number ? Value.integer(Integer.parseInt(item)) : Value.text(item);
        }
    }
}
