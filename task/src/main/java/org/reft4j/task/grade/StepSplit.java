package org.reft4j.task.grade;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.math.Arithmetic;

/** Rules that cut a completion into steps. */
public enum StepSplit {
    /** Cuts at line ends; steps of programs. */
    LINES,
    /** Cuts at line ends, and after full stops, question marks and exclamation marks that white space follows; steps of prose. */
    SENTENCES,
    /** Cuts after each equation of numbers; the text after the last one is a step too. */
    EQUATIONS;

    private static final Set<String> ABBREVIATIONS =
            Set.of("mr", "mrs", "ms", "dr", "st", "vs", "no", "rs", "e.g", "i.e", "approx", "jr", "sr");

    /**
     * A step.
     *
     * @param start offset of its first character
     * @param end offset one past its last character
     */
    public record Step(int start, int end) {}

    /** Lines for programs, sentences for prose. */
    public static StepSplit of(Cot cot) {
        return cot == Cot.PROGRAM ? LINES : SENTENCES;
    }

    /** Name in descriptions. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The steps of a text without the white space around them; none is empty. */
    public List<Step> steps(String text) {
        List<Step> steps = new ArrayList<>();
        int start = 0;
        for (int end : ends(text)) {
            add(steps, text, start, end);
            start = end;
        }
        add(steps, text, start, text.length());
        return steps;
    }

    private List<Integer> ends(String text) {
        if (this == EQUATIONS) {
            return Arithmetic.claims(text).stream().map(Arithmetic.Claim::end).toList();
        }
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\n' || (this == SENTENCES && isSentenceEnd(text, i))) {
                ends.add(i + 1);
            }
        }
        return ends;
    }

    private static boolean isSentenceEnd(String text, int at) {
        char c = text.charAt(at);
        if (c == '!' || c == '?') {
            return at + 1 == text.length() || Character.isWhitespace(text.charAt(at + 1));
        }
        if (c != '.' || (at + 1 < text.length() && !Character.isWhitespace(text.charAt(at + 1)))) {
            return false;
        }
        int word = at;
        while (word > 0 && at - word < 8 && !Character.isWhitespace(text.charAt(word - 1))) {
            word--;
        }
        return !ABBREVIATIONS.contains(text.substring(word, at).toLowerCase(Locale.ROOT));
    }

    private static void add(List<Step> steps, String text, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        if (end > start) {
            steps.add(new Step(start, end));
        }
    }
}
