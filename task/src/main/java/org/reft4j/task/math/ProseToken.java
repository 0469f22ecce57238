package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of prose that holds arithmetic.
 *
 * @param kind of token
 * @param text digits of a number, or the operator, one of {@code + - * / ^}
 * @param start offset of its first character
 * @param end offset one past its last one
 * @param percent whether a percent sign follows the number
 */
record ProseToken(Kind kind, String text, int start, int end, boolean percent) {
    enum Kind {
        NUMBER,
        OPERATOR,
        OPEN,
        CLOSE,
        EQUALS,
        WORD,
        /** Nothing goes on after it. */
        BREAK
    }

    private static final int MAX_LENGTH = 200_000;

    /** Calculator annotation in a solution, as in GSM8K: it repeats the equation. */
    private static final Pattern CALCULATOR = Pattern.compile("<<[^<>\\n]{0,200}>>");

    private static final Pattern NUMBER =
            Pattern.compile("(?:\\d{1,3}(?:,\\d{3})++(?!\\d)(?:\\.\\d++)?|\\d++(?:\\.\\d++)?|\\.\\d++)(\\s?\\\\?%)?");
    private static final Pattern WORD = Pattern.compile("\\p{L}(?:[\\p{L}\\d_]|['’-](?=\\p{L}))*+");

    private static final Map<String, String> OPERATORS = Map.ofEntries(
            Map.entry("+", "+"),
            Map.entry("-", "-"),
            Map.entry("−", "-"),
            Map.entry("–", "-"),
            Map.entry("*", "*"),
            Map.entry("×", "*"),
            Map.entry("·", "*"),
            Map.entry("⋅", "*"),
            Map.entry("/", "/"),
            Map.entry("÷", "/"),
            Map.entry("^", "^"));

    private static final Map<String, String> WORD_OPERATORS = Map.of(
            "plus", "+",
            "minus", "-",
            "times", "*",
            "cdot", "*",
            "multiplied", "*",
            "divided", "/",
            "div", "/");

    private static final String SKIPPED = "$€£¥₹\\`~\"";

    boolean ends() {
        return kind == Kind.BREAK || kind == Kind.EQUALS;
    }

    /** True if it follows another token without white space. */
    boolean touches(ProseToken before) {
        return start == before.end;
    }

    /** The tokens of a text, of which what is beyond {@value #MAX_LENGTH} characters is left out. */
    static List<ProseToken> all(String whole) {
        String text = CALCULATOR
                .matcher(whole.length() > MAX_LENGTH ? whole.substring(0, MAX_LENGTH) : whole)
                .replaceAll(found -> " ".repeat(found.end() - found.start()));
        List<ProseToken> tokens = new ArrayList<>();
        Matcher number = NUMBER.matcher(text);
        Matcher word = WORD.matcher(text);
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                if (!continues(text, at)) {
                    tokens.add(new ProseToken(Kind.BREAK, "", at, at + 1, false));
                }
                at++;
            } else if (Character.isWhitespace(c) || SKIPPED.indexOf(c) >= 0) {
                at++;
            } else {
                ProseToken token = at(text, at, number, word);
                if (!isEmphasis(text, token)) {
                    tokens.add(token);
                }
                at = token.end;
            }
        }
        return tokens;
    }

    /** True if the next line goes on with an equals sign. */
    private static boolean continues(String text, int newline) {
        int at = newline + 1;
        while (at < text.length() && at < newline + 20 && (text.charAt(at) == ' ' || text.charAt(at) == '&')) {
            at++;
        }
        return at < text.length() && text.charAt(at) == '=';
    }

    private static ProseToken at(String text, int at, Matcher number, Matcher word) {
        if (number.region(at, text.length()).lookingAt()) {
            String digits = text.substring(at, number.start(1) < 0 ? number.end() : number.start(1));
            return new ProseToken(Kind.NUMBER, digits.replace(",", ""), at, number.end(), number.group(1) != null);
        }
        if (word.region(at, text.length()).lookingAt()) {
            String operator = WORD_OPERATORS.get(word.group().toLowerCase(Locale.ROOT));
            return operator == null
                    ? new ProseToken(Kind.WORD, word.group(), at, word.end(), false)
                    : new ProseToken(Kind.OPERATOR, operator, at, word.end(), false);
        }
        return sign(text, at);
    }

    private static ProseToken sign(String text, int at) {
        String two = at + 2 <= text.length() ? text.substring(at, at + 2) : "";
        switch (two) {
            case "**" -> {
                return new ProseToken(Kind.OPERATOR, "^", at, at + 2, false);
            }
            case "==" -> {
                return new ProseToken(Kind.EQUALS, "=", at, at + 2, false);
            }
            case "=>", "<=", ">=", "!=", "//", "+=", "-=", "*=", "/=" -> {
                return new ProseToken(Kind.BREAK, two, at, at + 2, false);
            }
            default -> {}
        }
        String one = text.substring(at, at + 1);
        String operator = OPERATORS.get(one);
        if (operator != null) {
            return new ProseToken(Kind.OPERATOR, operator, at, at + 1, false);
        }
        Kind kind = switch (one) {
            case "(" -> Kind.OPEN;
            case ")" -> Kind.CLOSE;
            case "=", "≈" -> Kind.EQUALS;
            default -> Kind.BREAK;
        };
        return new ProseToken(kind, one, at, at + 1, false);
    }

    /** Two stars that do not stand between digits make letters bold. */
    private static boolean isEmphasis(String text, ProseToken token) {
        return token.end - token.start == 2
                && text.startsWith("**", token.start)
                && !(token.end < text.length()
                        && Character.isDigit(text.charAt(token.end))
                        && token.start > 0
                        && Character.isLetterOrDigit(text.charAt(token.start - 1)));
    }
}
