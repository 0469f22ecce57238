package org.reft4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Jinja's filters of single values: texts and numbers. */
final class TextFilters {
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern TAG = Pattern.compile("<!--[\\s\\S]*?-->|<[^>]*>");
    private static final String BEFORE_WORDS = "-({[<";

    private final Budget budget;
    private final Operators operators;
    private final TextMethods texts;
    private final PythonFormat format;

    TextFilters(Budget budget, Operators operators, Attributes attributes) {
        this.budget = budget;
        this.operators = operators;
        this.texts = new TextMethods(budget, operators, attributes);
        this.format = new PythonFormat(budget);
    }

    /** Applies a filter to a value; {@code null} if there is no such filter here. */
    @Nullable
    Value apply(String name, Value input, Arguments arguments) {
        return switch (name) {
            case "upper" -> alike(input, arguments.accept(name), soft(input).toUpperCase(Locale.ROOT));
            case "lower" -> alike(input, arguments.accept(name), soft(input).toLowerCase(Locale.ROOT));
            case "capitalize" -> alike(input, arguments.accept(name), LetterCase.capitalize(soft(input)));
            case "title" -> alike(input, arguments.accept(name), title(soft(input)));
            case "trim" ->
                alike(
                        input,
                        arguments,
                        TemplateText.strip(
                                soft(input), arguments.accept(name, "chars").text(0, "chars")));
            case "string" -> input instanceof Value.Text ? input : budget.text(soft(input));
            case "safe" -> new Value.Text(soft(input), true);
            case "escape", "e" -> input instanceof Value.Text text && text.safe() ? input : escape(soft(input));
            case "forceescape" -> escape(soft(input));
            case "striptags" ->
                new Value.Text(
                        String.join(" ", Splits.words(TAG.matcher(soft(input)).replaceAll(""), Integer.MAX_VALUE)),
                        true);
            case "replace" -> replace(input, arguments.accept(name, "old", "new", "count"));
            case "indent" -> indent(input, arguments.accept(name, "width", "first", "blank"));
            case "center" -> {
                int width = arguments.accept(name, "width").integer(0, "width", 80);
                yield alike(input, arguments, texts.centered(soft(input), width, " "));
            }
            case "truncate" -> truncate(soft(input), arguments.accept(name, "length", "killwords", "end", "leeway"));
            case "wordcount" ->
                Value.integer(WORD.matcher(soft(input)).results().count());
            case "format" -> format(input, arguments);
            case "urlencode" -> urlEncode(input);
            case "int" -> integer(input, arguments.accept(name, "default", "base"));
            case "float" -> real(input, arguments.accept(name, "default").get(0, "default", new Value.Real(0)));
            case "abs" -> absolute(input);
            case "round" -> round(input, arguments.accept(name, "precision", "method"));
            case "default", "d" -> orElse(input, arguments.accept(name, "default_value", "boolean"));
            case "tojson" -> Json.filter(input, arguments, budget);
            case "pprint" -> budget.text(PythonPrint.repr(input, budget));
            default -> null;
        };
    }

    private String soft(Value value) {
        return PythonPrint.str(value, budget);
    }

    private Value alike(Value input, Arguments ignored, String result) {
        budget.characters(result.length());
        return new Value.Text(result, input instanceof Value.Text text && text.safe());
    }

    /** A text with the five characters that mean something in HTML escaped. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private Value escape(String text) {
        budget.characters(5L * text.length());
        return new Value.Text(escaped(text), true);
    }

    /** Unlike the method of this name: a word begins after white space, hyphens and opening brackets only. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            String letter = Character.toString(c);
            boolean between = TemplateText.isSpace(c) || BEFORE_WORDS.indexOf(c) >= 0;
            out.append(within ? letter.toLowerCase(Locale.ROOT) : letter.toUpperCase(Locale.ROOT));
            within = !between;
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private Value replace(Value input, Arguments given) {
        String old = soft(given.required(0, "old"));
        String replacement = soft(given.required(1, "new"));
        return texts.replace(soft(input), old, replacement, given.integer(2, "count", -1));
    }

    private Value indent(Value input, Arguments given) {
        if (!(input instanceof Value.Text text)) {
            throw input instanceof Value.Undefined undefined
                    ? undefined.fault()
                    : new TemplateFault("indent takes a text, not " + PythonPrint.type(input));
        }
        Value width = given.get(0, "width", Value.integer(4));
        int columns = width instanceof Value.Text ? 0 : Math.clamp(Numbers.clamped(width), 0, 1000);
        String indention = width instanceof Value.Text written ? written.value() : " ".repeat(columns);
        List<String> lines = TemplateText.lines(text.value() + "\n", false);
        budget.characters((long) lines.size() * (indention.length() + 1));
        StringBuilder out = new StringBuilder(given.flag(1, "first", false) ? indention : "");
        boolean blank = given.flag(2, "blank", false);
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i > 0 && (blank || !lines.get(i).isEmpty());
            out.append(i == 0 ? "" : "\n").append(indented ? indention : "").append(lines.get(i));
        }
        return alike(input, given, out.toString());
    }

    private Value truncate(String text, Arguments given) {
        int length = given.integer(0, "length", 255);
        String end = given.text(2, "end", "...");
        int leeway = given.integer(3, "leeway", 5);
        int kept = length - TemplateText.length(end);
        if (kept < 0 || leeway < 0) {
            throw new TemplateFault("truncate: expected length >= " + TemplateText.length(end) + " and leeway >= 0");
        }
        if (TemplateText.length(text) <= (long) length + leeway) {
            return budget.text(text);
        }
        String start = text.substring(0, TemplateText.offset(text, kept));
        int space = start.lastIndexOf(' ');
        boolean whole = given.flag(1, "killwords", false) || space < 0;
        return budget.text((whole ? start : start.substring(0, space)) + end);
    }

    private Value format(Value input, Arguments arguments) {
        if (!arguments.positional().isEmpty() && !arguments.keywords().isEmpty()) {
            throw new TemplateFault("can't handle positional and keyword arguments at the same time");
        }
        Value values = arguments.keywords().isEmpty()
                ? Value.Items.of(Value.Items.Kind.TUPLE, arguments.positional())
                : Value.Mapping.ofNames(arguments.keywords());
        return format.percent(Value.text(soft(input)), values);
    }

    private Value urlEncode(Value input) {
        if (input instanceof Value.Text || !(input instanceof Value.Items || input instanceof Value.Mapping)) {
            return budget.text(quoted(soft(input), "/"));
        }
        List<String> pairs = new ArrayList<>();
        List<Value> items = input instanceof Value.Mapping mapping
                ? new CollectionMethods(budget, operators).pairs(mapping)
                : operators.list(input);
        for (Value item : items) {
            List<Value> pair = operators.list(item);
            if (pair.size() != 2) {
                throw new TemplateFault("urlencode takes a text, a mapping or pairs");
            }
            pairs.add(quoted(soft(pair.get(0)), "").replace("%20", "+") + "="
                    + quoted(soft(pair.get(1)), "").replace("%20", "+"));
        }
        return budget.text(String.join("&", pairs));
    }

    private String quoted(String text, String kept) {
        budget.characters(3L * text.length());
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
            if (plain || (b > 0 && ("_.-~" + kept).indexOf(b) >= 0)) {
                out.append((char) b);
            } else {
                out.append(String.format(Locale.ROOT, "%%%02X", b));
            }
        }
        return out.toString();
    }

    private Value integer(Value input, Arguments given) {
        Value otherwise = given.get(0, "default", Value.integer(0));
        switch (input) {
            case Value.Text text -> {
                String digits = text.value().strip().replace("_", "");
                int base = given.integer(1, "base", 10);
                Value whole = digits.length() > Budget.LONGEST_NUMBER / 4 ? null : parsed(digits, base);
                if (whole != null) {
                    return whole;
                }
                Double real = parsedReal(text.value());
                return real == null || real.isNaN() || real.isInfinite() ? otherwise : truncated(real);
            }
            case Value.Real number -> {
                boolean finite = !Double.isNaN(number.value()) && !Double.isInfinite(number.value());
                return finite ? truncated(number.value()) : otherwise;
            }
            case Value.Undefined undefined -> throw undefined.fault();
            default -> {
                BigInteger whole = Numbers.whole(input);
                return whole == null ? otherwise : new Value.Int(whole);
            }
        }
    }

    private static Value truncated(double value) {
        return new Value.Int(new BigDecimal(value).toBigInteger());
    }

    private static @Nullable Value parsed(String written, int base) {
        String digits = written.toLowerCase(Locale.ROOT);
        boolean minus = digits.startsWith("-");
        digits = minus || digits.startsWith("+") ? digits.substring(1) : digits;
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : " ";
        digits = digits.startsWith(prefix) ? digits.substring(2) : digits;
        try {
            BigInteger number = new BigInteger(digits, base);
            return digits.startsWith("-") || digits.startsWith("+")
                    ? null
                    : new Value.Int(minus ? number.negate() : number);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static @Nullable Double parsedReal(String written) {
        String digits = TemplateText.strip(written, null).toLowerCase(Locale.ROOT);
        String bare = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
        double sign = digits.startsWith("-") ? -1 : 1;
        if (bare.equals("inf") || bare.equals("infinity")) {
            return sign * Double.POSITIVE_INFINITY;
        }
        if (bare.equals("nan")) {
            return Double.NaN;
        }
        boolean number = bare.matches("(?:\\d[\\d_]*\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?");
        return number ? sign * Double.parseDouble(bare.replace("_", "")) : null;
    }

    private static Value real(Value input, Value otherwise) {
        return switch (input) {
            case Value.Text text -> {
                Double real = parsedReal(text.value());
                yield real == null ? otherwise : new Value.Real(real);
            }
            case Value.Undefined undefined -> throw undefined.fault();
            default -> Numbers.isNumber(input) ? new Value.Real(Numbers.real(input)) : otherwise;
        };
    }

    private static Value absolute(Value input) {
        if (!Numbers.isNumber(input)) {
            throw input instanceof Value.Undefined undefined
                    ? undefined.fault()
                    : new TemplateFault("bad operand type for abs(): '" + PythonPrint.type(input) + "'");
        }
        BigInteger whole = Numbers.whole(input);
        return whole == null ? new Value.Real(Math.abs(Numbers.real(input))) : new Value.Int(whole.abs());
    }

    private static Value round(Value input, Arguments given) {
        int precision = Math.clamp(given.integer(0, "precision", 0), -400, 400);
        String method = given.text(1, "method", "common");
        if (input instanceof Value.Undefined undefined) {
            throw undefined.fault();
        }
        if (!Numbers.isNumber(input)) {
            throw new TemplateFault("type " + PythonPrint.type(input) + " doesn't define __round__ method");
        }
        double number = Numbers.real(input);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return input;
        }
        double factor = Math.pow(10, precision);
        return switch (method) {
            case "ceil" -> new Value.Real(Math.ceil(number * factor) / factor);
            case "floor" -> new Value.Real(Math.floor(number * factor) / factor);
            case "common" -> {
                BigInteger whole = Numbers.whole(input);
                if (whole != null) {
                    BigDecimal rounded =
                            new BigDecimal(whole).setScale(Math.min(precision, 0), java.math.RoundingMode.HALF_EVEN);
                    yield new Value.Int(rounded.toBigInteger());
                }
                BigDecimal exact = new BigDecimal(number);
                double rounded = exact.scale() <= precision
                        ? number
                        : exact.setScale(precision, java.math.RoundingMode.HALF_EVEN)
                                .doubleValue();
                yield new Value.Real(rounded == 0 ? Math.copySign(0, number) : rounded);
            }
            default -> throw new TemplateFault("method must be common, ceil or floor");
        };
    }

    private static Value orElse(Value input, Arguments given) {
        boolean replaced =
                input instanceof Value.Undefined || (given.flag(1, "boolean", false) && !Operators.truth(input));
        return replaced ? given.get(0, "default_value", Value.text("")) : input;
    }
}
