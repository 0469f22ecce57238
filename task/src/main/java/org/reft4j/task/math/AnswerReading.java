package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Readings of the words of an answer, the most literal first: whole, after the last equals sign, the numbers in it. */
final class AnswerReading {
    private static final int MAX_NUMBERS = 200;

    private static final Pattern NUMBER = Pattern.compile(
            "(?<![\\w.])[-−]?(?:[$€£¥₹]\\s?)?\\d++(?:,\\d{3})*+(?:\\.\\d++)?(?:[eE][+-]?\\d++)?(?:\\s?/\\s?\\d++|\\s\\d++/\\d++)?(?:\\s?%)?(?![\\w])");

    private AnswerReading() {}

    /** @param fromStart whether the first number counts rather than the last, where the words are no formula as a whole */
    static List<MathAnswer> all(String words, boolean fromStart) {
        List<MathAnswer> readings = new ArrayList<>();
        AnswerParser.parse(words).ifPresent(readings::add);
        int equals = Math.max(words.lastIndexOf('='), words.lastIndexOf('≈'));
        if (equals >= 0) {
            AnswerParser.parse(FinalAnswer.trim(words.substring(equals + 1))).ifPresent(readings::add);
        }
        int colon = words.lastIndexOf(':');
        if (colon >= 0) {
            AnswerParser.parse(FinalAnswer.trim(words.substring(colon + 1))).ifPresent(readings::add);
        }
        String number = number(words, fromStart);
        if (!number.isEmpty()) {
            AnswerParser.parse(number).ifPresent(readings::add);
        }
        return readings;
    }

    private static String number(String words, boolean fromStart) {
        Matcher matcher = NUMBER.matcher(words);
        String found = "";
        for (int i = 0; i < MAX_NUMBERS && matcher.find(); i++) {
            found = matcher.group();
            if (fromStart) {
                break;
            }
        }
        return found;
    }
}
