package org.reft4j.task.similarity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.ground.text.PythonText;

/**
 * {@code meteor}: METEOR (Lavie and Agarwal 2007) with equal words, equal stems and, where a WordNet is given, synonyms: what NLTK's
 * {@code meteor_score} gives, without a WordNet what it gives with an empty one. Words are what stands between white space, in lower case.
 */
public final class Meteor {
    private static final double PRECISION_WEIGHT = 0.9;
    private static final double PENALTY = 0.5;
    private static final int PENALTY_POWER = 3;
    private static final int UNMATCHED = -1;
    private static final Deque<Integer> NOWHERE = new ArrayDeque<>();

    /** Other words that mean the same as a stem; itself among them. */
    @FunctionalInterface
    public interface Synonyms {
        /** There is no WordNet. */
        Synonyms NONE = Set::of;

        public Set<String> of(String stem);
    }

    private Meteor() {}

    /** METEOR from 0, no word in common, to a little less than 1: one word costs a half, equal texts of n words 0.5 / n³. */
    public static double of(String input, String reference, Synonyms synonyms) {
        List<String> words = lower(input);
        List<String> wanted = lower(reference);
        int[] partners = align(words, wanted, synonyms);
        int matched = (int) Arrays.stream(partners).filter(p -> p != UNMATCHED).count();
        if (matched == 0) {
            return 0;
        }
        double precision = (double) matched / words.size();
        double recall = (double) matched / wanted.size();
        double mean = precision * recall / (PRECISION_WEIGHT * precision + (1 - PRECISION_WEIGHT) * recall);
        return mean * (1 - PENALTY * Math.pow((double) chunks(partners) / matched, PENALTY_POWER));
    }

    /**
     * For each word the place of its partner, or {@link #UNMATCHED}: equal words first, then words of equal stems, then synonyms. These are
     * looked up by stems, as NLTK does: a word whose stem is no word ("automobile") has none.
     */
    private static int[] align(List<String> words, List<String> wanted, Synonyms synonyms) {
        int[] partners = new int[words.size()];
        Arrays.fill(partners, UNMATCHED);
        boolean[] taken = new boolean[wanted.size()];
        match(words, wanted, partners, taken, Set::of);
        List<String> stems = stems(words);
        List<String> wantedStems = stems(wanted);
        match(stems, wantedStems, partners, taken, Set::of);
        match(stems, wantedStems, partners, taken, synonyms);
        return partners;
    }

    /** Matches words from the last to the first, each with the last free word that is as good. */
    private static void match(
            List<String> words, List<String> wanted, int[] partners, boolean[] taken, Synonyms synonyms) {
        Map<String, Deque<Integer>> free = new HashMap<>();
        for (int j = 0; j < taken.length; j++) {
            if (!taken[j]) {
                free.computeIfAbsent(wanted.get(j), _ -> new ArrayDeque<>()).push(j);
            }
        }
        for (int i = partners.length - 1; i >= 0; i--) {
            if (partners[i] == UNMATCHED) {
                Optional<Deque<Integer>> places = synonyms.of(words.get(i)).stream()
                        .map(word -> free.getOrDefault(word, NOWHERE))
                        .filter(found -> !found.isEmpty())
                        .max(Comparator.comparing(Deque::getFirst));
                if (places.isPresent()) {
                    partners[i] = places.get().pop();
                    taken[partners[i]] = true;
                }
            }
        }
    }

    private static List<String> stems(List<String> words) {
        return words.stream().map(PorterStemmer::stem).toList();
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
