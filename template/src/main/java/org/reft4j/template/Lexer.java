package org.reft4j.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens and decides which white space around tags is part of the text: with {@code trim_blocks}, the line end after
 * a block; with {@code lstrip_blocks}, the blanks in front of a block that begins a line; where the tag has a minus, all there is.
 *
 * <p>Source: Jinja 3.1, Template Designer Documentation, "Whitespace Control".
 */
final class Lexer {
    /** The longest operators first. */
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private static final String CLOSING = ")]}";
    private static final String OPENING = "([{";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    /** True if the last token ended a line, or nothing was read yet. */
    private boolean startsLine = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** The tokens of a template, {@link Token.Kind#END} last. */
    static List<Token> read(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        try {
            lexer.read();
        } catch (TemplateFault fault) {
            throw new SyntaxFault(lexer.line, fault.reason());
        }
        return lexer.tokens;
    }

    /** A fault with the line that it is in. */
    static final class SyntaxFault extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int line;

        SyntaxFault(int line, String reason) {
            super(reason);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    private void read() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(source.substring(at));
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            int raw = kind == '%' ? rawEnd(tag) : -1;
            char sign = sign(tag + 2);
            String text = source.substring(at, tag);
            data(kept(text, sign, kind == '{'));
            skipTo(tag);
            if (raw >= 0) {
                skipTo(raw);
                startsLine = source.charAt(raw - 1) == '\n';
                raw();
            } else {
                skipTo(tag + 2 + (sign == 0 ? 0 : 1));
                switch (kind) {
                    case '#' -> comment();
                    case '%' -> tag(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END);
                    default -> tag(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END);
                }
            }
        }
        tokens.add(new Token(Token.Kind.END, "", line));
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '%' || next == '{' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The sign for white space at a place, 0 if there is none. */
    private char sign(int place) {
        char c = place < source.length() ? source.charAt(place) : 0;
        return c == '-' || c == '+' ? c : 0;
    }

    /** Text in front of a tag, without the white space that the tag takes away. */
    private String kept(String text, char sign, boolean variable) {
        if (sign == '-') {
            return TemplateText.stripRight(text, null);
        }
        if (sign == '+' || variable) {
            return text;
        }
        int start = text.lastIndexOf('\n') + 1;
        boolean blank = TemplateText.stripRight(text, null).length() <= start;
        return (start > 0 || startsLine) && blank ? text.substring(0, start) : text;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Token.Kind.DATA, text, line));
        }
    }

    private void skipTo(int place) {
        for (; at < place; at++) {
            if (source.charAt(at) == '\n') {
                line++;
            }
        }
    }

    private int spaces(int place) {
        int end = place;
        while (end < source.length() && TemplateText.isSpace(source.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Offset of the end of the tag {@code raw} that may begin at an offset, or -1. */
    private int rawEnd(int tag) {
        int word = spaces(tag + 2 + (sign(tag + 2) == 0 ? 0 : 1));
        if (!source.startsWith("raw", word)) {
            return -1;
        }
        int end = spaces(word + 3);
        if (source.startsWith("-%}", end)) {
            return spaces(end + 3);
        }
        return source.startsWith("%}", end) ? end + 2 : -1;
    }

    /** The text up to {@code endraw}, as it is. */
    private void raw() {
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            char sign = sign(tag + 2);
            int word = spaces(tag + 2 + (sign == 0 ? 0 : 1));
            if (source.startsWith("endraw", word)) {
                int end = closing(spaces(word + 6), "%}");
                if (end >= 0) {
                    data(kept(source.substring(at, tag), sign, false));
                    close(end);
                    return;
                }
            }
        }
        throw new TemplateFault("a raw block without {% endraw %}");
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TemplateFault("a comment without #}");
        }
        boolean signed = end > at && sign(end - 1) != 0;
        close(closing(signed ? end - 1 : end, "#}"));
    }

    /** Offset of the end of a tag that closes at an offset, with the white space that it takes away; -1 if none closes there. */
    private int closing(int place, String end) {
        if (source.startsWith("-" + end, place)) {
            return spaces(place + 3);
        }
        if (source.startsWith("+" + end, place) && !end.equals("}}")) {
            return place + 3;
        }
        if (!source.startsWith(end, place)) {
            return -1;
        }
        boolean trim = !end.equals("}}") && source.startsWith("\n", place + 2);
        return place + 2 + (trim ? 1 : 0);
    }

    private void close(int end) {
        skipTo(end);
        startsLine = source.charAt(end - 1) == '\n';
    }

    private void tag(Token.Kind begin, Token.Kind end) {
        String closing = end == Token.Kind.BLOCK_END ? "%}" : "}}";
        tokens.add(new Token(begin, "", line));
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            skipTo(spaces(at));
            if (at >= source.length()) {
                throw new TemplateFault("a tag without " + closing);
            }
            int close = open.isEmpty() ? closing(at, closing) : -1;
            if (close >= 0) {
                tokens.add(new Token(end, "", line));
                close(close);
                return;
            }
            char c = source.charAt(at);
            if (c == '\'' || c == '"') {
                string(c);
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (isWord(source.codePointAt(at))) {
                name();
            } else {
                operator(open);
            }
        }
    }

    private static boolean isWord(int c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private void name() {
        int end = at;
        while (end < source.length() && isWord(source.codePointAt(end))) {
            end += Character.charCount(source.codePointAt(end));
        }
        add(Token.Kind.NAME, end);
    }

    private void add(Token.Kind kind, int end) {
        tokens.add(new Token(kind, source.substring(at, end), line));
        skipTo(end);
    }

    private void number() {
        int end = digits(at);
        boolean real = false;
        int fraction = end < source.length() && source.charAt(end) == '.' ? digits(end + 1) : end;
        boolean chained = at > 0 && source.charAt(at - 1) == '.';
        if (!chained && fraction > end + 1) {
            end = fraction;
            real = true;
        }
        if (!chained && end < source.length() && (source.charAt(end) | 0x20) == 'e') {
            int digits = end + 1 + (sign(end + 1) == 0 ? 0 : 1);
            if (digits(digits) > digits) {
                end = digits(digits);
                real = true;
            }
        }
        add(real ? Token.Kind.REAL : Token.Kind.INTEGER, end);
    }

    private int digits(int place) {
        int end = place;
        while (end < source.length()
                && (isDigit(end) || (source.charAt(end) == '_' && end > place && isDigit(end + 1)))) {
            end++;
        }
        return end;
    }

    private boolean isDigit(int place) {
        return place < source.length() && source.charAt(place) >= '0' && source.charAt(place) <= '9';
    }

    private void operator(Deque<Character> open) {
        for (String operator : OPERATORS) {
            if (!source.startsWith(operator, at)) {
                continue;
            }
            char c = operator.charAt(0);
            if (OPENING.indexOf(c) >= 0) {
                open.push(CLOSING.charAt(OPENING.indexOf(c)));
            } else if (CLOSING.indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
                throw new TemplateFault("unexpected '" + c + "'");
            }
            add(Token.Kind.OPERATOR, at + operator.length());
            return;
        }
        throw new TemplateFault("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new TemplateFault("a string without its closing " + quote);
        }
        tokens.add(new Token(Token.Kind.STRING, Escapes.read(source.substring(at + 1, end)), line));
        skipTo(end + 1);
    }

    /**
     * A piece of a template.
     *
     * @param text of a name or an operator as written, of a string without its quotes and escapes, of template text as it will appear
     * @param line from 1
     */
    record Token(Kind kind, String text, int line) {
        enum Kind {
            DATA,
            BLOCK_BEGIN,
            BLOCK_END,
            VARIABLE_BEGIN,
            VARIABLE_END,
            NAME,
            STRING,
            INTEGER,
            REAL,
            OPERATOR,
            END
        }

        boolean is(Kind other) {
            return kind == other;
        }

        boolean isName(String name) {
            return kind == Kind.NAME && text.equals(name);
        }

        boolean isOperator(String operator) {
            return kind == Kind.OPERATOR && text.equals(operator);
        }

        /** Name in messages. */
        String words() {
            return switch (kind) {
                case DATA -> "template text";
                case BLOCK_BEGIN -> "{%";
                case BLOCK_END -> "%}";
                case VARIABLE_BEGIN -> "{{";
                case VARIABLE_END -> "}}";
                case END -> "the end of the template";
                case STRING -> "a string";
                default -> text;
            };
        }
    }
}
