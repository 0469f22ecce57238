package org.reft4j.ground.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Python's idea of white space. The reference code strips questions, rationales and completions with
 * {@code str.strip()}, which removes more than Java's {@code strip()} does: no-break spaces and the line separator
 * U+0085, among others.
 */
public final class PythonText {
    private PythonText() {}

    /** Python's {@code str.strip()}. */
    public static String strip(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return stripTrailing(text.substring(start));
    }

    /** Python's {@code str.rstrip()}. */
    public static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** Python's {@code str.split()}: the words between runs of white space. */
    public static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int end = 0; end <= text.length(); end++) {
            if (end == text.length() || isSpace(text.charAt(end))) {
                if (end > start) {
                    words.add(text.substring(start, end));
                }
                start = end + 1;
            }
        }
        return words;
    }

    /** Python's {@code str.isspace()} of one code point; no white space lies outside the basic plane. */
    public static boolean isSpace(int codePoint) {
        return (codePoint >= 0x09 && codePoint <= 0x0d)
                || (codePoint >= 0x1c && codePoint <= 0x20)
                || codePoint == 0x85
                || (codePoint > 0x7f && Character.isSpaceChar(codePoint));
    }
}
