package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of a plain mathematical text.
 *
 * @param kind what it is
 * @param text as written; numbers without separators of thousands
 * @param spaced whether white space stands before it
 */
record Token(Kind kind, String text, boolean spaced) {
    enum Kind {
        NUMBER,
        WORD,
        SIGN,
        END
    }

    /** More are no answer. */
    static final int MAX = 600;

    private static final Pattern GROUPED = Pattern.compile("\\d{1,3}(?:,\\d{3})++(?![\\d,]*\\d)(?:\\.\\d++)?");
    private static final Pattern PLAIN = Pattern.compile(
            "(?:\\d++(?:_\\d{3})*+(?:\\.\\d++|\\.(?![.\\w]))?|\\.\\d++)(?:[eE][+-]?\\d++(?![A-Za-z]))?");
    private static final Pattern WORD = Pattern.compile("[\\p{L}][\\p{L}]*+(?:['’][a-z]++)?");
    private static final List<String> LONG_SIGNS = List.of("<=", ">=", "!=", "==", "**", "->");

    boolean is(String sign) {
        return kind != Kind.NUMBER && text.equals(sign);
    }

    boolean isAny(String... signs) {
        return kind == Kind.SIGN && List.of(signs).contains(text);
    }

    boolean isWord() {
        return kind == Kind.WORD;
    }

    String lower() {
        return text.toLowerCase(Locale.ROOT);
    }

    /** @throws UnreadableException if there are more than {@value #MAX} */
    static List<Token> all(String plain) {
        List<Token> tokens = new ArrayList<>();
        int at = 0;
        int depth = 0;
        while (at < plain.length()) {
            int start = at;
            while (at < plain.length() && isSpace(plain.charAt(at))) {
                at++;
            }
            if (at == plain.length()) {
                break;
            }
            int begin = at;
            Token token = at(plain, begin, at > start || at == 0, depth);
            at = end(plain, begin, depth);
            depth += token.isAny("(", "[", "{") ? 1 : token.isAny(")", "]", "}") ? -1 : 0;
            tokens.add(token);
            if (tokens.size() > MAX) {
                throw new UnreadableException("too long");
            }
        }
        return tokens;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static Token at(String plain, int begin, boolean spaced, int depth) {
        String text = plain.substring(begin, end(plain, begin, depth));
        char first = text.charAt(0);
        if (Character.isDigit(first) || (first == '.' && text.length() > 1)) {
            return new Token(Kind.NUMBER, text.replace(",", "").replace("_", ""), spaced);
        }
        if (Character.isLetter(first)) {
            return new Token(Kind.WORD, text, spaced);
        }
        return new Token(Kind.SIGN, text.equals("**") ? "^" : text.equals("==") ? "=" : text, spaced);
    }

    private static int end(String plain, int begin, int depth) {
        // Within brackets a comma separates: (1,234) is a pair.
        for (Pattern pattern : depth > 0 ? List.of(PLAIN, WORD) : List.of(GROUPED, PLAIN, WORD)) {
            Matcher matcher = pattern.matcher(plain).region(begin, plain.length());
            matcher.useTransparentBounds(true);
            if (matcher.lookingAt()) {
                return matcher.end();
            }
        }
        for (String sign : LONG_SIGNS) {
            if (plain.startsWith(sign, begin)) {
                return begin + sign.length();
            }
        }
        return begin + 1;
    }
}
