package org.reft4j.task.grade;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.reft4j.task.dataset.PythonText;

/**
 * {@code fuzzy_match}: what RapidFuzz 3 calls {@code WRatio} after {@code default_process}, as a share instead of a percentage. The
 * greatest of several ratios, each with a weight below 1 that says how much it overlooks: the order of words, their number, or all that
 * stands around the shorter text. Letters are what this Java's Unicode calls so; RapidFuzz's table is of Unicode 13.
 */
final class FuzzyMatch {
    private static final double ANY_ORDER = 0.95;
    private static final double PART = 0.9;
    private static final double SMALL_PART = 0.6;
    /** From this ratio of lengths on, the shorter text is looked for within the longer one. */
    private static final double PARTIAL_FROM = 1.5;

    private static final double SMALL_FROM = 8;

    private FuzzyMatch() {}

    /** From 0, nothing in common, to 1. Texts without a letter or a digit have nothing in common, not even with themselves. */
    static double of(String input, String reference) {
        String one = process(input);
        String other = process(reference);
        if (one.isEmpty() || other.isEmpty()) {
            return 0;
        }
        int[] a = symbols(one);
        int[] b = symbols(other);
        double lengths = (double) Math.max(a.length, b.length) / Math.min(a.length, b.length);
        double whole = ratio(a, b);
        List<String> aWords = PythonText.split(one);
        List<String> bWords = PythonText.split(other);
        if (lengths < PARTIAL_FROM) {
            double words = Math.max(ratio(sorted(aWords), sorted(bWords)), setRatio(unique(aWords), unique(bWords)));
            return Math.max(whole, words * ANY_ORDER);
        }
        double scale = lengths <= SMALL_FROM ? PART : SMALL_PART;
        double part = Math.max(partialRatio(a, b), partialWords(aWords, bWords) * ANY_ORDER);
        return Math.max(whole, part * scale);
    }

    /** RapidFuzz's {@code default_process}: what is no letter and no number becomes a space; ends are stripped; case is dropped. */
    private static String process(String text) {
        StringBuilder processed = new StringBuilder(text.length());
        text.codePoints().map(c -> isWord(c) ? Character.toLowerCase(c) : ' ').forEach(processed::appendCodePoint);
        return processed.toString().strip();
    }

    private static boolean isWord(int codePoint) {
        int type = Character.getType(codePoint);
        return Character.isLetterOrDigit(codePoint)
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    /** Twice the longest common subsequence over both lengths: 1 minus the share that must be inserted or deleted. */
    private static double ratio(int[] a, int[] b) {
        return 2.0 * new CommonSubsequence(a).with(b) / (a.length + b.length);
    }

    /** The greatest ratio of the shorter sequence with any stretch of the longer one that is not longer than it. */
    private static double partialRatio(int[] a, int[] b) {
        double best = a.length <= b.length ? BestStretch.of(a, b) : BestStretch.of(b, a);
        return a.length == b.length ? Math.max(best, BestStretch.of(b, a)) : best;
    }

    private static double partialWords(List<String> a, List<String> b) {
        Set<String> aUnique = unique(a);
        Set<String> bUnique = unique(b);
        if (aUnique.stream().anyMatch(bUnique::contains)) {
            return 1;
        }
        return Math.max(partialRatio(sorted(a), sorted(b)), partialRatio(joined(aUnique), joined(bUnique)));
    }

    /** Compares what both have, and what each has besides, with one another; the common words come first. */
    private static double setRatio(Set<String> a, Set<String> b) {
        Set<String> both = unique(a);
        both.retainAll(b);
        Set<String> onlyA = unique(a);
        onlyA.removeAll(both);
        Set<String> onlyB = unique(b);
        onlyB.removeAll(both);
        if (!both.isEmpty() && (onlyA.isEmpty() || onlyB.isEmpty())) {
            return 1;
        }
        int[] aRest = joined(onlyA);
        int[] bRest = joined(onlyB);
        int shared = joined(both).length;
        int gap = shared > 0 ? 1 : 0;
        int aLength = shared + gap + aRest.length;
        int bLength = shared + gap + bRest.length;
        int different = aRest.length + bRest.length - 2 * new CommonSubsequence(aRest).with(bRest);
        double best = 1 - (double) different / (aLength + bLength);
        if (shared > 0) {
            best = Math.max(best, 2.0 * shared / (shared + aLength));
            best = Math.max(best, 2.0 * shared / (shared + bLength));
        }
        return best;
    }

    private static int[] sorted(List<String> words) {
        return symbols(
                String.join(" ", words.stream().sorted(FuzzyMatch::byCodePoints).toList()));
    }

    private static int[] joined(Set<String> words) {
        return symbols(String.join(" ", words));
    }

    private static Set<String> unique(Collection<String> words) {
        Set<String> unique = new TreeSet<>(FuzzyMatch::byCodePoints);
        unique.addAll(words);
        return unique;
    }

    /** Not {@code compareTo}, which puts what lies outside the basic plane too early. */
    private static int byCodePoints(String one, String other) {
        return Arrays.compare(symbols(one), symbols(other));
    }

    private static int[] symbols(String text) {
        return text.codePoints().toArray();
    }
}
