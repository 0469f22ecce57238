package org.reft4j.task.math;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a mathematical text, LaTeX or not, in plain characters: {@code \frac{3}{4}} becomes {@code ((3)/(4))}, {@code 10^{2}} becomes
 * {@code 10^(2)}, {@code ½} becomes {@code 1/2}. What is unknown keeps its name.
 */
final class LatexText {
    private static final int MAX_DEPTH = 40;

    private static final Map<String, String> SIGNS = Map.ofEntries(
            Map.entry("cdot", "*"),
            Map.entry("times", "*"),
            Map.entry("ast", "*"),
            Map.entry("div", "/"),
            Map.entry("pm", "±"),
            Map.entry("circ", "°"),
            Map.entry("degree", "°"),
            Map.entry("le", "<="),
            Map.entry("leq", "<="),
            Map.entry("leqslant", "<="),
            Map.entry("ge", ">="),
            Map.entry("geq", ">="),
            Map.entry("geqslant", ">="),
            Map.entry("lt", "<"),
            Map.entry("gt", ">"),
            Map.entry("ne", "!="),
            Map.entry("neq", "!="),
            Map.entry("approx", "≈"),
            Map.entry("cup", "∪"),
            Map.entry("in", "∈"),
            Map.entry("infty", " inf "),
            Map.entry("lbrace", "{"),
            Map.entry("rbrace", "}"),
            Map.entry("lvert", "|"),
            Map.entry("rvert", "|"),
            Map.entry("quad", " "),
            Map.entry("qquad", " "));

    private static final Map<Character, String> CHARACTERS = Map.ofEntries(
            Map.entry('−', "-"),
            Map.entry('–', "-"),
            Map.entry('×', "*"),
            Map.entry('·', "*"),
            Map.entry('⋅', "*"),
            Map.entry('∙', "*"),
            Map.entry('÷', "/"),
            Map.entry('⁄', "/"),
            Map.entry('½', " 1/2"),
            Map.entry('¼', " 1/4"),
            Map.entry('¾', " 3/4"),
            Map.entry('⅓', " 1/3"),
            Map.entry('⅔', " 2/3"),
            Map.entry('≤', "<="),
            Map.entry('≥', ">="),
            Map.entry('≠', "!="),
            Map.entry('∞', " inf "),
            Map.entry('π', " pi "),
            Map.entry('√', " sqrt "),
            Map.entry('º', "°"),
            Map.entry('~', " "));

    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
    private static final Set<String> FRACTIONS = Set.of("frac", "dfrac", "tfrac", "cfrac");
    private static final Set<String> WORDS =
            Set.of("text", "mathrm", "textbf", "textit", "textrm", "mbox", "mathbf", "operatorname", "rm");
    private static final Set<String> FRAMES = Set.of("boxed", "fbox", "mathit", "overline");
    private static final Set<String> DROPPED =
            Set.of("left", "right", "big", "Big", "bigg", "Bigg", "displaystyle", "limits", "textstyle");

    private final String text;
    private final StringBuilder plain = new StringBuilder();
    private int at;

    private LatexText(String text) {
        this.text = text;
    }

    static String plain(String text) {
        return plain(text, 0);
    }

    /** @throws UnreadableException if commands stand in one another too deeply */
    private static String plain(String text, int depth) {
        if (depth > MAX_DEPTH) {
            throw new UnreadableException("nested too deeply");
        }
        LatexText reading = new LatexText(text);
        while (reading.at < text.length()) {
            reading.step(depth);
        }
        return reading.plain.toString();
    }

    private void step(int depth) {
        char c = text.charAt(at);
        if (c == '\\' && at + 1 < text.length()) {
            command(depth);
        } else if ((c == '^' || c == '_') && at + 1 < text.length() && text.charAt(at + 1) == '{') {
            at++;
            String inner = plain(argument(), depth + 1);
            plain.append(inner.strip().equals("°") ? "°" : c + (inner.length() == 1 ? inner : "(" + inner + ")"));
        } else if (c == '^' && text.startsWith("^\\circ", at)) {
            at++;
        } else if (SUPERSCRIPTS.indexOf(c) >= 0) {
            superscript();
        } else if (text.startsWith("{,}", at)) {
            plain.append(',');
            at += 3;
        } else {
            String known = CHARACTERS.get(c);
            plain.append(known == null ? String.valueOf(c) : known);
            at++;
        }
    }

    private void superscript() {
        StringBuilder exponent = new StringBuilder();
        int value = SUPERSCRIPTS.indexOf(text.charAt(at));
        while (value >= 0) {
            exponent.append(value == 10 ? "-" : String.valueOf(value));
            at++;
            value = at < text.length() ? SUPERSCRIPTS.indexOf(text.charAt(at)) : -1;
        }
        plain.append('^').append(exponent.length() == 1 ? exponent : "(" + exponent + ")");
    }

    private void command(int depth) {
        char c = text.charAt(at + 1);
        if (!isLetter(c)) {
            at += 2;
            symbol(c);
            return;
        }
        int end = at + 1;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        String name = text.substring(at + 1, end);
        at = end;
        if (FRACTIONS.contains(name)) {
            fraction(plain(argument(), depth + 1), plain(argument(), depth + 1));
        } else if (name.equals("sqrt")) {
            root(depth);
        } else if (WORDS.contains(name)) {
            plain.append(' ').append(plain(argument(), depth + 1)).append(' ');
        } else if (FRAMES.contains(name)) {
            plain.append(plain(argument(), depth + 1));
        } else if (!DROPPED.contains(name)) {
            String sign = SIGNS.get(name);
            plain.append(sign == null ? " " + name + " " : sign);
        }
    }

    /** A backslash before a character that is no letter. */
    private void symbol(char c) {
        switch (c) {
            case '!', '(', ')', '[', ']' -> {}
            case ',' -> plain.append(betweenThousands() ? "" : " ");
            case ';', ':', ' ', '\\' -> plain.append(' ');
            default -> plain.append(c);
        }
    }

    private boolean betweenThousands() {
        return !plain.isEmpty()
                && Character.isDigit(plain.charAt(plain.length() - 1))
                && at + 3 <= text.length()
                && text.substring(at, at + 3).chars().allMatch(Character::isDigit);
    }

    /** Digits before a proper fraction make a mixed number, which keeps its space. */
    private void fraction(String above, String below) {
        int last = plain.length() - 1;
        while (last >= 0 && plain.charAt(last) == ' ') {
            last--;
        }
        boolean mixed = last >= 0
                && Character.isDigit(plain.charAt(last))
                && isDigits(above)
                && isDigits(below)
                && (above.length() < below.length()
                        || (above.length() == below.length() && above.compareTo(below) < 0));
        plain.append(mixed ? " " + above + "/" + below + " " : "((" + above + ")/(" + below + "))");
    }

    private void root(int depth) {
        String degree = null;
        if (at < text.length() && text.charAt(at) == '[') {
            int end = text.indexOf(']', at);
            if (end > 0) {
                degree = text.substring(at + 1, end);
                at = end + 1;
            }
        }
        String under = plain(argument(), depth + 1);
        plain.append(degree == null ? " sqrt(" + under + ")" : "((" + under + ")^(1/(" + degree + ")))");
    }

    /** Argument of a command: a group in braces without them, or one character or command. */
    private String argument() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at == text.length()) {
            return "";
        }
        int start = at;
        if (text.charAt(at) == '{') {
            int end = groupEnd(text, at);
            at = end < 0 ? text.length() : end;
            return text.substring(start + 1, end < 0 ? at : end - 1);
        }
        at++;
        if (text.charAt(start) == '\\') {
            while (at < text.length() && isLetter(text.charAt(at))) {
                at++;
            }
        }
        return text.substring(start, at);
    }

    /** Offset of the end of the group that begins at an opening brace, or -1. */
    static int groupEnd(String text, int start) {
        int depth = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++; // an escaped brace is none
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    /** The contents of the last whole {@code \boxed{...}} or {@code \fbox{...}}, or {@code null}. */
    static @Nullable String lastBoxed(String text) {
        int searched = text.length();
        for (int tries = 0; tries < 20 && searched >= 0; tries++) {
            int boxed = Math.max(text.lastIndexOf("\\boxed", searched), text.lastIndexOf("\\fbox", searched));
            if (boxed < 0) {
                return null;
            }
            int open = boxed + (text.startsWith("\\boxed", boxed) ? 6 : 5);
            while (open < text.length() && text.charAt(open) == ' ') {
                open++;
            }
            if (open < text.length() && text.charAt(open) == '{') {
                int end = groupEnd(text, open);
                if (end > 0) {
                    return text.substring(open + 1, end - 1);
                }
            } else if (open < text.length() && Character.isDigit(text.charAt(open))) {
                return text.substring(open, open + 1);
            }
            searched = boxed - 1;
        }
        return null;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
