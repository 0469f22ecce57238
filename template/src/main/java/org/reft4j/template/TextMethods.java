package org.reft4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Value.Items;

/** The methods of Python's {@code str}. Results of an escaped text are escaped texts. */
final class TextMethods {
    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;

    TextMethods(Budget budget, Operators operators, Attributes attributes) {
        this.budget = budget;
        this.operators = operators;
        this.attributes = attributes;
    }

    /** A method, or {@code null} if a text has none of that name. */
    @Nullable
    Value find(Value.Text text, String name) {
        Function<Arguments, Value> body = body(text.value(), name);
        if (name.equals("format")) {
            body = arguments -> new PythonFormat(budget).format(text, arguments, attributes);
        }
        if (body == null) {
            return null;
        }
        Function<Arguments, Value> made = body;
        return new Value.Function(name, arguments -> {
            Value result = made.apply(new Arguments(name, arguments.positional(), arguments.keywords()));
            return result instanceof Value.Text plain && text.safe() ? new Value.Text(plain.value(), true) : result;
        });
    }

    private @Nullable Function<Arguments, Value> body(String text, String name) {
        return switch (name) {
            case "strip" -> arguments -> budget.text(TemplateText.strip(text, chars(name, arguments)));
            case "lstrip" -> arguments -> budget.text(TemplateText.stripLeft(text, chars(name, arguments)));
            case "rstrip" -> arguments -> budget.text(TemplateText.stripRight(text, chars(name, arguments)));
            case "upper" -> plain(name, () -> text.toUpperCase(Locale.ROOT));
            case "lower" -> plain(name, () -> text.toLowerCase(Locale.ROOT));
            case "casefold" -> plain(name, () -> text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT));
            case "capitalize" -> plain(name, () -> LetterCase.capitalize(text));
            case "title" -> plain(name, () -> LetterCase.title(text));
            case "swapcase" -> plain(name, () -> LetterCase.swap(text));
            case "split", "rsplit" -> arguments -> split(text, name, arguments);
            case "splitlines" ->
                arguments -> texts(TemplateText.lines(
                        text, arguments.accept(name, "keepends").flag(0, "keepends", false)));
            case "partition", "rpartition" -> arguments -> partition(text, name, arguments);
            case "startswith", "endswith" -> arguments -> edge(text, name, arguments);
            case "removeprefix" ->
                arguments -> {
                    String prefix = arguments.accept(name, "prefix").requiredText(0, "prefix");
                    return budget.text(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
                };
            case "removesuffix" ->
                arguments -> {
                    String suffix = arguments.accept(name, "suffix").requiredText(0, "suffix");
                    return budget.text(
                            text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
                };
            case "replace" ->
                arguments -> {
                    Arguments given = arguments.accept(name, "old", "new", "count");
                    return replace(
                            text,
                            given.requiredText(0, "old"),
                            given.requiredText(1, "new"),
                            given.integer(2, "count", -1));
                };
            case "join" ->
                arguments -> join(text, arguments.accept(name, "iterable").required(0, "iterable"));
            case "find", "rfind", "index", "rindex", "count" -> arguments -> search(text, name, arguments);
            case "center", "ljust", "rjust" -> arguments -> pad(text, name, arguments);
            case "zfill" ->
                arguments -> zeroFill(text, arguments.accept(name, "width").integer(0, "width", 0));
            case "expandtabs" ->
                arguments -> expandTabs(text, arguments.accept(name, "tabsize").integer(0, "tabsize", 8));
            default ->
                LetterCase.question(name) == null
                        ? null
                        : arguments -> {
                            arguments.accept(name);
                            return Value.bool(LetterCase.ask(name, text));
                        };
        };
    }

    private Function<Arguments, Value> plain(String name, java.util.function.Supplier<String> result) {
        return arguments -> {
            arguments.accept(name);
            return budget.text(result.get());
        };
    }

    private static @Nullable String chars(String name, Arguments arguments) {
        return arguments.accept(name, "chars").text(0, "chars");
    }

    private Value texts(List<String> parts) {
        List<Value> values = new ArrayList<>();
        for (String part : parts) {
            budget.items(1);
            values.add(budget.text(part));
        }
        return Items.list(values);
    }

    private Value split(String text, String name, Arguments arguments) {
        Arguments given = arguments.accept(name, "sep", "maxsplit");
        String separator = given.text(0, "sep");
        int most = given.integer(1, "maxsplit", -1);
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        if (separator == null) {
            return texts(name.equals("split") ? Splits.words(text, limit) : Splits.lastWords(text, limit));
        }
        if (separator.isEmpty()) {
            throw new TemplateFault("empty separator");
        }
        operators.find(text, separator, 0);
        return texts(
                name.equals("split") ? Splits.parts(text, separator, limit) : Splits.lastParts(text, separator, limit));
    }

    private Value partition(String text, String name, Arguments arguments) {
        String separator = arguments.accept(name, "sep").requiredText(0, "sep");
        if (separator.isEmpty()) {
            throw new TemplateFault("empty separator");
        }
        operators.find(text, separator, 0);
        boolean first = name.equals("partition");
        int at = first ? text.indexOf(separator) : text.lastIndexOf(separator);
        if (at < 0) {
            Value none = Value.text("");
            return first ? Items.tuple(Value.text(text), none, none) : Items.tuple(none, none, Value.text(text));
        }
        return Items.tuple(
                budget.text(text.substring(0, at)),
                Value.text(separator),
                budget.text(text.substring(at + separator.length())));
    }

    private static Value edge(String text, String name, Arguments arguments) {
        Arguments given = arguments.accept(name, "prefix", "start", "end");
        int length = TemplateText.length(text);
        int from = place(given.integer(1, "start", 0), length);
        int to = place(given.integer(2, "end", length), length);
        if (from > to || given.integer(1, "start", 0) > length) {
            return Value.FALSE;
        }
        String part = text.substring(TemplateText.offset(text, from), TemplateText.offset(text, to));
        Value wanted = given.required(0, "prefix");
        boolean tuple = wanted instanceof Items items && items.kind() != Items.Kind.LIST;
        for (Value edge : tuple ? ((Items) wanted).values() : List.of(wanted)) {
            if (edge instanceof Value.Undefined undefined) {
                throw undefined.fault();
            }
            if (!(edge instanceof Value.Text affix)) {
                throw new TemplateFault(
                        name + " first arg must be str or a tuple of str, not " + PythonPrint.type(edge));
            }
            if (name.equals("startswith") ? part.startsWith(affix.value()) : part.endsWith(affix.value())) {
                return Value.TRUE;
            }
        }
        return Value.FALSE;
    }

    private static int place(int index, int length) {
        return Math.clamp(index < 0 ? (long) index + length : index, 0, length);
    }

    /** @param most replacements; below 0: all */
    Value replace(String text, String old, String replacement, int most) {
        operators.find(text, old, 0);
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        StringBuilder out = new StringBuilder();
        int from = 0;
        int done = 0;
        if (old.isEmpty()) {
            return between(text, replacement, limit);
        }
        for (int at = text.indexOf(old); at >= 0 && done < limit; at = text.indexOf(old, from)) {
            budget.characters((long) replacement.length() + at - from);
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            done++;
        }
        return budget.text(out.append(text.substring(from)).toString());
    }

    /** The replacement in front of each character and at the end. */
    private Value between(String text, String replacement, int limit) {
        StringBuilder out = new StringBuilder();
        int[] characters = text.codePoints().toArray();
        budget.characters((long) replacement.length() * Math.min(characters.length + 1L, limit));
        for (int i = 0; i <= characters.length; i++) {
            out.append(i < limit ? replacement : "");
            if (i < characters.length) {
                out.appendCodePoint(characters[i]);
            }
        }
        return budget.text(out.toString());
    }

    private Value join(String separator, Value iterable) {
        StringBuilder out = new StringBuilder();
        int index = 0;
        for (Value item : operators.list(iterable)) {
            if (!(item instanceof Value.Text text)) {
                throw new TemplateFault(
                        "sequence item " + index + ": expected str instance, " + PythonPrint.type(item) + " found");
            }
            budget.characters((long) separator.length() + text.value().length());
            out.append(index++ == 0 ? "" : separator).append(text.value());
        }
        return Value.text(out.toString());
    }

    private Value search(String text, String name, Arguments arguments) {
        Arguments given = arguments.accept(name, "sub", "start", "end");
        String part = given.requiredText(0, "sub");
        int length = TemplateText.length(text);
        int from = TemplateText.offset(text, place(given.integer(1, "start", 0), length));
        int to = TemplateText.offset(text, place(given.integer(2, "end", length), length));
        operators.find(text, part, from);
        String within = from > to ? "" : text.substring(from, to);
        if (name.equals("count")) {
            long count = part.isEmpty()
                    ? TemplateText.length(within) + 1L
                    : Splits.parts(within, part, Integer.MAX_VALUE).size() - 1L;
            return Value.integer(from > to ? 0 : count);
        }
        int at = from > to ? -1 : name.startsWith("r") ? within.lastIndexOf(part) : within.indexOf(part);
        if (at < 0 && name.endsWith("index")) {
            throw new TemplateFault("substring not found");
        }
        return Value.integer(at < 0 ? -1 : text.codePointCount(0, from + at));
    }

    private Value pad(String text, String name, Arguments arguments) {
        Arguments given = arguments.accept(name, "width", "fillchar");
        int width = given.integer(0, "width", 0);
        String fill = given.text(1, "fillchar", " ");
        if (TemplateText.length(fill) != 1) {
            throw new TemplateFault("The fill character must be exactly one character long");
        }
        return budget.text(
                switch (name) {
                    case "center" -> centered(text, width, fill);
                    case "ljust" -> text + fill(text, width, fill);
                    default -> fill(text, width, fill) + text;
                });
    }

    private String fill(String text, int width, String fill) {
        int missing = Math.max(0, width - TemplateText.length(text));
        budget.characters(missing);
        return fill.repeat(missing);
    }

    /** Centres a text as Python does: of an odd rest the larger half stands on the left where the width is odd, else on the right. */
    String centered(String text, int width, String fill) {
        int missing = Math.max(0, width - TemplateText.length(text));
        budget.characters(missing);
        int left = missing / 2 + (missing & width & 1);
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private Value zeroFill(String text, int width) {
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return budget.text(text.substring(0, sign) + fill(text, width, "0") + text.substring(sign));
    }

    private Value expandTabs(String text, int size) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\t') {
                int spaces = size <= 0 ? 0 : size - column % size;
                budget.characters(spaces);
                out.repeat(" ", spaces);
                column += spaces;
            } else {
                out.append(c);
                column = c == '\n' || c == '\r' ? 0 : Character.isLowSurrogate(c) ? column : column + 1;
            }
        }
        return budget.text(out.toString());
    }
}
