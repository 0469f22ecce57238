package org.reft4j.task.graders;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.task.math.Numeric;

/**
 * The options of a multiple-choice question, as its text has them: {@code a ) 277 , b ) 266}, {@code (A) 277 (B) 266}, or
 * {@code A. 277} at the beginning of a line.
 *
 * @param texts text of each option, by its letter in lower case
 */
record ChoiceOptions(SortedMap<String, String> texts) {
    private static final Pattern MARKER =
            Pattern.compile("(?:(?<=^|[\\s,;(\\['\"])([A-Za-z])\\s?\\)|(?m:^)([A-Z])[.:](?=\\s))\\s*");

    private static final Pattern CHOSEN = Pattern.compile(
            "(?:option|choice|answer)?\\s*\\(?\\s*([a-z])\\s*(?:[).:,].*|$)",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    /** The last row of options of a question that begins with a; empty if there is none of at least two. */
    static ChoiceOptions of(String question) {
        SortedMap<String, String> best = new TreeMap<>();
        SortedMap<String, String> row = new TreeMap<>();
        String open = "";
        int from = 0;
        Matcher marker = MARKER.matcher(question);
        while (marker.find()) {
            String letter = (marker.group(1) == null ? marker.group(2) : marker.group(1)).toLowerCase(Locale.ROOT);
            boolean next = !open.isEmpty() && letter.charAt(0) == open.charAt(0) + 1;
            if (next) {
                row.put(open, trimmed(question.substring(from, marker.start())));
            }
            if (next || letter.equals("a")) {
                if (!next) {
                    row = new TreeMap<>();
                }
                open = letter;
                from = marker.end();
                best = row;
            }
        }
        if (!open.isEmpty()) {
            best.put(open, trimmed(question.substring(from)));
        }
        return new ChoiceOptions(best.size() > 1 ? best : new TreeMap<>());
    }

    private static String trimmed(String option) {
        return option.replaceFirst("['\"]\\]\\s*$", "")
                .replaceFirst("[\\s,;(\\['\"]+$", "")
                .strip();
    }

    /** The letter that an answer names, in lower case, or an empty text. */
    String chosen(String answer) {
        Matcher chosen = CHOSEN.matcher(answer.strip());
        String letter = chosen.matches() ? chosen.group(1).toLowerCase(Locale.ROOT) : "";
        return texts.containsKey(letter) ? letter : "";
    }

    /** The size of an option's number. */
    OptionalDouble value(String letter) {
        return Numeric.of(texts.getOrDefault(letter, ""));
    }

    /**
     * Tells if a value stands for an option: within a share of its number, and no nearer to another option. An option without a
     * number is meant by a value that stands for none of the others.
     */
    boolean leadsTo(double value, String letter, double tolerance) {
        double nearest = Double.POSITIVE_INFINITY;
        for (Map.Entry<String, String> option : texts.entrySet()) {
            OptionalDouble number = value(option.getKey());
            if (number.isPresent() && isNear(value, number.getAsDouble(), tolerance)) {
                nearest = Math.min(nearest, Math.abs(value - number.getAsDouble()));
            }
        }
        OptionalDouble own = value(letter);
        return own.isEmpty()
                ? Double.isInfinite(nearest)
                : isNear(value, own.getAsDouble(), tolerance) && Math.abs(value - own.getAsDouble()) <= nearest;
    }

    private static boolean isNear(double value, double option, double tolerance) {
        return Math.abs(value - option) <= tolerance * Math.abs(option);
    }

    boolean hasNumbers() {
        return texts.keySet().stream().anyMatch(letter -> value(letter).isPresent());
    }
}
