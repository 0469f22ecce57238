package org.reft4j.task.grade;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.reft4j.task.dataset.PythonText;

/**
 * {@code meteor}: METEOR (Lavie and Agarwal 2007) with equal words and equal stems, without synonyms: what NLTK's {@code meteor_score}
 * gives with an empty WordNet. Words are what stands between white space, in lower case.
 */
final class Meteor {
    private static final double PRECISION_WEIGHT = 0.9;
    private static final double PENALTY = 0.5;
    private static final int PENALTY_POWER = 3;
    private static final int UNMATCHED = -1;

    private Meteor() {}

    /** From 0, no word in common, to a little less than 1: one word costs a half, equal texts of n words 0.5 / n³. */
    static double of(String input, String reference) {
        List<String> words = lower(input);
        List<String> wanted = lower(reference);
        int[] partners = align(words, wanted);
        int matched = (int) Arrays.stream(partners).filter(p -> p != UNMATCHED).count();
        if (matched == 0) {
            return 0;
        }
        double precision = (double) matched / words.size();
        double recall = (double) matched / wanted.size();
        double mean = precision * recall / (PRECISION_WEIGHT * precision + (1 - PRECISION_WEIGHT) * recall);
        return mean * (1 - PENALTY * Math.pow((double) chunks(partners) / matched, PENALTY_POWER));
    }

    /** For each word the place of its partner, or {@link #UNMATCHED}: equal words first, then words of equal stems. */
    private static int[] align(List<String> words, List<String> wanted) {
        int[] partners = new int[words.size()];
        Arrays.fill(partners, UNMATCHED);
        boolean[] taken = new boolean[wanted.size()];
        match(words, wanted, partners, taken, UnaryOperator.identity());
        match(words, wanted, partners, taken, PorterStemmer::stem);
        return partners;
    }

    /** From the last word to the first, each with the last equal one that is still free. */
    private static void match(
            List<String> words, List<String> wanted, int[] partners, boolean[] taken, UnaryOperator<String> form) {
        Map<String, Deque<Integer>> free = new HashMap<>();
        for (int j = 0; j < taken.length; j++) {
            if (!taken[j]) {
                free.computeIfAbsent(form.apply(wanted.get(j)), _ -> new ArrayDeque<>())
                        .push(j);
            }
        }
        for (int i = partners.length - 1; i >= 0; i--) {
            Deque<Integer> places = partners[i] == UNMATCHED ? free.get(form.apply(words.get(i))) : null;
            if (places != null && !places.isEmpty()) {
                partners[i] = places.pop();
                taken[partners[i]] = true;
            }
        }
    }

    /** Stretches of neighbours whose partners are neighbours in the same order. */
    private static int chunks(int[] partners) {
        int chunks = 0;
        for (int i = 0; i < partners.length; i++) {
            boolean continues = i > 0 && partners[i - 1] != UNMATCHED && partners[i] == partners[i - 1] + 1;
            chunks += partners[i] != UNMATCHED && !continues ? 1 : 0;
        }
        return chunks;
    }

    private static List<String> lower(String text) {
        List<String> words = new ArrayList<>(PythonText.split(text));
        words.replaceAll(word -> word.toLowerCase(Locale.ROOT));
        return words;
    }
}
