package org.reft4j.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's {@code split} and {@code rsplit}, each with and without a separator. */
final class Splits {
    private Splits() {}

    /** @param limit cuts at most so many times */
    static List<String> parts(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() < limit; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** As {@link #parts}, cutting from the end. */
    static List<String> lastParts(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int to = text.length();
        while (parts.size() < limit) {
            int at = text.lastIndexOf(separator, to - separator.length());
            if (at < 0 || at + separator.length() > to) {
                break;
            }
            parts.add(text.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(text.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    /** Cuts at white space, of which none is left. */
    static List<String> words(String text, int limit) {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < text.length() && TemplateText.isSpace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return words;
            }
            if (words.size() == limit) {
                words.add(text.substring(at));
                return words;
            }
            int from = at;
            while (at < text.length() && !TemplateText.isSpace(text.charAt(at))) {
                at++;
            }
            words.add(text.substring(from, at));
        }
    }

    /** As {@link #words}, cutting from the end. */
    static List<String> lastWords(String text, int limit) {
        List<String> words = new ArrayList<>();
        int at = text.length();
        while (true) {
            while (at > 0 && TemplateText.isSpace(text.charAt(at - 1))) {
                at--;
            }
            if (at == 0) {
                break;
            }
            if (words.size() == limit) {
                words.add(text.substring(0, at));
                break;
            }
            int to = at;
            while (at > 0 && !TemplateText.isSpace(text.charAt(at - 1))) {
                at--;
            }
            words.add(text.substring(at, to));
        }
        Collections.reverse(words);
        return words;
    }
}
