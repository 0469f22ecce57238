package org.reft4j.ground.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * RapidFuzz 3's ratios of two texts, in per cent, and {@code fuzzy_match}: its {@code WRatio} after {@code default_process}, as a share. The
 * weighted ratio is the greatest of several, each with a weight below 1 that says how much it overlooks: the order of words, their number,
 * or all that stands around the shorter text. Letters are what this Java's Unicode calls so; RapidFuzz's table is of Unicode 13.
 */
public final class FuzzyMatch {
    private static final double ALL = 100;
    private static final double ANY_ORDER = 0.95;
    private static final double PART = 0.9;
    private static final double SMALL_PART = 0.6;
    /** Ratio of lengths from which the shorter text is looked for within the longer one. */
    private static final double PARTIAL_FROM = 1.5;

    private static final double SMALL_FROM = 8;

    private FuzzyMatch() {}

    /** Similarity from 0, nothing in common, to 1. Texts without a letter or a digit have nothing in common, not even with themselves. */
    public static double of(String input, String reference) {
        return weighted(process(input), process(reference)) / ALL;
    }

    /**
     * Similarity of two texts by the name that RapidFuzz has for it.
     *
     * @param name a function of {@code rapidfuzz.fuzz}, or {@code lcs} or {@code levenshtein}, which count symbols
     */
    public static double measure(String name, String one, String other) {
        return switch (name) {
            case "ratio" -> ratio(symbols(one), symbols(other));
            case "partial_ratio" -> partialRatio(symbols(one), symbols(other));
            case "token_sort_ratio" -> ratio(sorted(words(one)), sorted(words(other)));
            case "token_set_ratio" -> setRatio(words(one), words(other));
            case "token_ratio" -> tokenRatio(one, other);
            case "partial_token_sort_ratio" -> partialRatio(sorted(words(one)), sorted(words(other)));
            case "partial_token_set_ratio" -> partialSetRatio(words(one), words(other));
            case "partial_token_ratio" -> partialTokenRatio(words(one), words(other));
            case "WRatio" -> weighted(one, other);
            case "QRatio" -> one.isEmpty() || other.isEmpty() ? 0 : ratio(symbols(one), symbols(other));
            case "lcs" -> new CommonSubsequence(symbols(one)).with(symbols(other));
            case "levenshtein" -> edits(one, other);
            default -> throw new IllegalArgumentException("no measure " + name);
        };
    }

    private static double weighted(String one, String other) {
        if (one.isEmpty() || other.isEmpty()) {
            return 0;
        }
        int[] a = symbols(one);
        int[] b = symbols(other);
        double lengths = (double) Math.max(a.length, b.length) / Math.min(a.length, b.length);
        double whole = ratio(a, b);
        if (lengths < PARTIAL_FROM) {
            return Math.max(whole, tokenRatio(one, other) * ANY_ORDER);
        }
        double scale = lengths <= SMALL_FROM ? PART : SMALL_PART;
        double part = partialRatio(a, b) * scale;
        return Math.max(whole, Math.max(part, partialTokenRatio(words(one), words(other)) * ANY_ORDER * scale));
    }

    /** RapidFuzz's {@code default_process}: what is no letter and no number becomes a space; ends are stripped; case is dropped. */
    public static String process(String text) {
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

    /** All but the share of both lengths that must be inserted or deleted. */
    private static double ratio(int[] a, int[] b) {
        int both = a.length + b.length;
        int different = both - 2 * new CommonSubsequence(a).with(b);
        return both == 0 ? ALL : ALL * (1 - (double) different / both);
    }

    /** The greatest ratio of the shorter sequence with any stretch of the longer one that is not longer than it. */
    private static double partialRatio(int[] a, int[] b) {
        if (a.length == 0 || b.length == 0) {
            return a.length == b.length ? ALL : 0;
        }
        double best = a.length <= b.length ? BestStretch.of(a, b) : BestStretch.of(b, a);
        return ALL * (a.length == b.length ? Math.max(best, BestStretch.of(b, a)) : best);
    }

    private static double tokenRatio(String one, String other) {
        List<String> a = words(one);
        List<String> b = words(other);
        return Math.max(ratio(sorted(a), sorted(b)), setRatio(a, b));
    }

    private static double partialTokenRatio(List<String> a, List<String> b) {
        Set<String> onlyA = unique(a);
        Set<String> onlyB = unique(b);
        if (onlyA.stream().anyMatch(onlyB::contains)) {
            return ALL;
        }
        return Math.max(partialRatio(sorted(a), sorted(b)), partialRatio(joined(onlyA), joined(onlyB)));
    }

    private static double partialSetRatio(List<String> a, List<String> b) {
        Set<String> onlyA = unique(a);
        Set<String> onlyB = unique(b);
        if (onlyA.isEmpty() || onlyB.isEmpty()) {
            return 0;
        }
        return onlyA.stream().anyMatch(onlyB::contains) ? ALL : partialRatio(joined(onlyA), joined(onlyB));
    }

    /** Compares what both have, and what each has besides, with one another; the common words come first. */
    private static double setRatio(List<String> a, List<String> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return 0;
        }
        Set<String> both = unique(a);
        both.retainAll(unique(b));
        Set<String> onlyA = unique(a);
        onlyA.removeAll(both);
        Set<String> onlyB = unique(b);
        onlyB.removeAll(both);
        if (!both.isEmpty() && (onlyA.isEmpty() || onlyB.isEmpty())) {
            return ALL;
        }
        int[] aRest = joined(onlyA);
        int[] bRest = joined(onlyB);
        int shared = joined(both).length;
        int gap = shared > 0 ? 1 : 0;
        int aLength = shared + gap + aRest.length;
        int bLength = shared + gap + bRest.length;
        int different = aRest.length + bRest.length - 2 * new CommonSubsequence(aRest).with(bRest);
        double best = without(different, aLength + bLength);
        if (shared > 0) {
            best = Math.max(best, without(gap + aRest.length, shared + aLength));
            best = Math.max(best, without(gap + bRest.length, shared + bLength));
        }
        return best;
    }

    private static double without(int different, int lengths) {
        return ALL - ALL * different / lengths;
    }

    /** Levenshtein distance: insertions, deletions and exchanges of a symbol that make one text the other. */
    public static int edits(String one, String other) {
        int[] a = symbols(one);
        int[] b = symbols(other);
        int[] row = new int[b.length + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int exchanged = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchanged, 1 + Math.min(diagonal, row[j - 1]));
            }
        }
        return row[b.length];
    }

    private static List<String> words(String text) {
        return PythonText.split(text);
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
