package org.reft4j.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's white space, stripping and lines. */
final class TemplateText {
    private TemplateText() {}

    /** {@code str.isspace} of one character. */
    static boolean isSpace(int c) {
        return (c >= 0x09 && c <= 0x0D)
                || (c >= 0x1C && c <= 0x20)
                || c == 0x85
                || c == 0xA0
                || (c > 0xFF
                        && (Character.getType(c) == Character.SPACE_SEPARATOR
                                || Character.getType(c) == Character.LINE_SEPARATOR
                                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR));
    }

    /** @param chars that are removed; {@code null}: white space */
    static String strip(String text, @Nullable String chars) {
        return stripLeft(stripRight(text, chars), chars);
    }

    static String stripLeft(String text, @Nullable String chars) {
        int from = 0;
        while (from < text.length()) {
            int c = text.codePointAt(from);
            if (!removed(c, chars)) {
                break;
            }
            from += Character.charCount(c);
        }
        return text.substring(from);
    }

    static String stripRight(String text, @Nullable String chars) {
        int to = text.length();
        while (to > 0) {
            int c = text.codePointBefore(to);
            if (!removed(c, chars)) {
                break;
            }
            to -= Character.charCount(c);
        }
        return text.substring(0, to);
    }

    private static boolean removed(int c, @Nullable String chars) {
        return chars == null ? isSpace(c) : chars.indexOf(c) >= 0;
    }

    /** {@code str.splitlines}. */
    static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); at++) {
            if (!endsLine(text.charAt(at))) {
                continue;
            }
            int end = at;
            if (text.charAt(at) == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
                at++;
            }
            lines.add(text.substring(from, keepEnds ? at + 1 : end));
            from = at + 1;
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    private static boolean endsLine(char c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** Characters as Python counts them. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The place in the text of the character with a number, as Python counts; the number may be the length. */
    static int offset(String text, int number) {
        return text.offsetByCodePoints(0, number);
    }

    static List<Value> characters(String text) {
        List<Value> characters = new ArrayList<>();
        text.codePoints().forEach(c -> characters.add(Value.text(Character.toString(c))));
        return characters;
    }
}
