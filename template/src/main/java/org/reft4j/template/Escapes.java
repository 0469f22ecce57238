package org.reft4j.template;

/** The escapes of Python's string literals. */
final class Escapes {
    private static final String NAMED = "abfnrtv\\'\"";
    private static final String MEANT = "\u0007\b\f\n\r\t\u000B\\'\"";

    private Escapes() {}

    /** The text that is written between quotes. An escape that does not exist stays as it is. */
    static String read(String written) {
        if (written.indexOf('\\') < 0) {
            return written;
        }
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < written.length(); ) {
            char c = written.charAt(at);
            if (c != '\\' || at + 1 >= written.length()) {
                text.append(c);
                at++;
            } else {
                at = escape(written, at + 1, text);
            }
        }
        return text.toString();
    }

    /** Appends the character of the escape at an offset; returns the offset after it. */
    private static int escape(String written, int at, StringBuilder text) {
        char c = written.charAt(at);
        int named = NAMED.indexOf(c);
        if (named >= 0) {
            text.append(MEANT.charAt(named));
            return at + 1;
        }
        return switch (c) {
            case '\n' -> at + 1;
            case 'x' -> code(written, at + 1, 2, text);
            case 'u' -> code(written, at + 1, 4, text);
            case 'U' -> code(written, at + 1, 8, text);
            case 'N' -> name(written, at + 1, text);
            default -> {
                if (c >= '0' && c <= '7') {
                    yield octal(written, at, text);
                }
                text.append('\\').append(c);
                yield at + 1;
            }
        };
    }

    private static int octal(String written, int at, StringBuilder text) {
        int end = at;
        int value = 0;
        while (end < written.length() && end < at + 3 && written.charAt(end) >= '0' && written.charAt(end) <= '7') {
            value = value * 8 + written.charAt(end++) - '0';
        }
        text.append((char) value);
        return end;
    }

    private static int code(String written, int at, int digits, StringBuilder text) {
        try {
            int code = Integer.parseUnsignedInt(written.substring(at, at + digits), 16);
            if (Character.isValidCodePoint(code)) {
                text.appendCodePoint(code);
                return at + digits;
            }
        } catch (NumberFormatException | StringIndexOutOfBoundsException _) {
            // Refused below, with the characters out of range.
        }
        throw new TemplateFault("an escape \\" + written.charAt(at - 1) + " in a string needs " + digits
                + " hexadecimal digits of a character");
    }

    private static int name(String written, int at, StringBuilder text) {
        int end = written.indexOf('}', at);
        if (end < 0 || written.charAt(at) != '{') {
            throw new TemplateFault("an escape \\N in a string needs the name of a character in braces");
        }
        try {
            text.appendCodePoint(Character.codePointOf(written.substring(at + 1, end)));
        } catch (IllegalArgumentException _) {
            throw new TemplateFault("there is no character named " + written.substring(at + 1, end));
        }
        return end + 1;
    }
}
