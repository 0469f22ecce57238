package org.reft4j.task.math;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Final answer of a text, and its place there.
 *
 * @param text the words of the answer, trimmed of marks and of the full stop
 * @param where the mark that it was found by, for people: {@code \boxed}, {@code ####}, {@code the answer is} or {@code the last line}
 */
public record FinalAnswer(String text, String where) {
    /** Number of characters at the end of a text that are looked at. */
    private static final int MAX_LENGTH = 100_000;

    private static final int MAX_LINE = 4000;
    private static final String BEFORE = " \t*:`\"'“”";
    private static final String BEHIND = BEFORE + ".,;!?";
    private static final String LAST_LINE = "the last line";

    private static final Pattern MARK = Pattern.compile(
            "####|\\banswer(?:\\s+to\\s+[^.\\n:]{1,80})?\\s+(?:is|are|was|=)\\b:?|\\banswer\\s*[:=]|<answer>",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern ABBREVIATION = Pattern.compile("(?i)(?:^|\\s)(?:rs|no|approx|vs|mr|mrs|dr|st)\\.$");
    private static final Pattern MATH = Pattern.compile("\\$([^$]*+)\\$|\\\\\\((.*?)\\\\\\)|\\\\\\[(.*?)\\\\]");

    /**
     * Looks for {@code \boxed{...}} (the last whole one), then for the last of {@code #### ...}, {@code the answer is ...} and
     * {@code answer: ...}, then takes the last line. Empty if there is no line with a letter or a digit.
     */
    public static Optional<FinalAnswer> in(String whole) {
        String text = whole.length() > MAX_LENGTH ? whole.substring(whole.length() - MAX_LENGTH) : whole;
        String boxed = LatexText.lastBoxed(text);
        if (boxed != null) {
            return found(boxed, "\\boxed");
        }
        Matcher mark = MARK.matcher(text);
        int end = -1;
        String which = "";
        while (mark.find()) {
            end = mark.end();
            which = mark.group();
        }
        if (end >= 0) {
            Optional<FinalAnswer> marked = found(sentence(firstLine(text.substring(end))), named(which));
            if (marked.isPresent()) {
                return marked;
            }
        }
        List<String> lines = text.lines().filter(FinalAnswer::says).toList();
        return lines.isEmpty() ? Optional.empty() : found(lastMath(lines.getLast()), LAST_LINE);
    }

    /** Text in front of the final answer: all before its mark, or before the last line. */
    public static String reasoning(String whole) {
        String text = whole.stripTrailing();
        int boxed = Math.max(text.lastIndexOf("\\boxed"), text.lastIndexOf("\\fbox"));
        if (boxed >= 0) {
            return text.substring(0, boxed);
        }
        int start = Math.max(0, text.length() - MAX_LENGTH);
        int mark = -1;
        for (Matcher matcher = MARK.matcher(text).region(start, text.length()); matcher.find(); ) {
            mark = matcher.start();
        }
        return text.substring(0, mark >= 0 ? mark : text.lastIndexOf('\n') + 1);
    }

    /** True if the answer had a mark of its own; else its numbers are looked for from the end. */
    boolean isMarked() {
        return !where.equals(LAST_LINE);
    }

    private static String named(String mark) {
        if (mark.startsWith("#") || mark.startsWith("<")) {
            return mark;
        }
        return mark.toLowerCase(Locale.ROOT).matches("answer\\s*[:=]") ? "answer:" : "the answer is";
    }

    private static Optional<FinalAnswer> found(String text, String where) {
        String trimmed = trim(text);
        return says(trimmed) ? Optional.of(new FinalAnswer(trimmed, where)) : Optional.empty();
    }

    private static boolean says(String line) {
        return line.codePoints().anyMatch(Character::isLetterOrDigit);
    }

    private static String firstLine(String text) {
        return text.lines().filter(FinalAnswer::says).findFirst().orElse("");
    }

    /** Text up to a full stop that space follows, which no number has. */
    private static String sentence(String line) {
        for (int stop = line.indexOf(". "); stop >= 0; stop = line.indexOf(". ", stop + 1)) {
            String before = line.substring(0, stop + 1);
            if (says(before) && !ABBREVIATION.matcher(before).find()) {
                return before;
            }
        }
        return line;
    }

    /** The last formula of a line that has some, else the line. Dollars around plain words are money. */
    private static String lastMath(String whole) {
        String line = cut(whole);
        String last = line;
        Matcher math = MATH.matcher(line);
        while (math.find()) {
            String money = math.group(1);
            if (money == null) {
                last = math.group(2) != null ? math.group(2) : math.group(3);
            } else if (money.matches("(?s).*[\\\\=^].*")) {
                last = money;
            }
        }
        return last;
    }

    private static String cut(String text) {
        return text.length() > MAX_LINE ? text.substring(text.length() - MAX_LINE) : text;
    }

    /** Strips the decoration of an answer: white space, emphasis, quotes, dollar signs around a formula, final punctuation. */
    static String trim(String text) {
        String trimmed = cut(text).strip();
        String before = "";
        while (!before.equals(trimmed)) {
            before = trimmed;
            int start = 0;
            int end = trimmed.length();
            while (start < end && BEFORE.indexOf(trimmed.charAt(start)) >= 0) {
                start++;
            }
            while (end > start && BEHIND.indexOf(trimmed.charAt(end - 1)) >= 0) {
                end--;
            }
            trimmed = unwrap(trimmed.substring(start, end));
        }
        return trimmed;
    }

    private static String unwrap(String text) {
        for (String[] pair : new String[][] {{"$$", "$$"}, {"$", "$"}, {"\\(", "\\)"}, {"\\[", "\\]"}, {"<", ">"}}) {
            String open = pair[0];
            String close = pair[1];
            int again = text.indexOf(open, open.length());
            boolean around = text.length() > open.length() + close.length()
                    && text.startsWith(open)
                    && text.endsWith(close)
                    && again == (open.equals(close) ? text.length() - close.length() : -1);
            if (around) {
                return text.substring(open.length(), text.length() - close.length())
                        .strip();
            }
        }
        return text.endsWith("</answer>") ? text.substring(0, text.length() - "</answer>".length()) : text;
    }
}
