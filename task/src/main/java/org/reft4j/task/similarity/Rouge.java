package org.reft4j.task.similarity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.ground.text.CommonSubsequence;

/**
 * {@code rouge_1} to {@code rouge_5} and {@code rouge_l}: the F1 of Lin's ROUGE (2004) as the package rouge-score computes it. Words are
 * runs of the letters a to z and of digits, in lower case; all else separates them, so that a text in another script has no words.
 */
public final class Rouge {
    private static final Pattern WORD = Pattern.compile("[a-z0-9]+");

    /** Shorter words are not stemmed. */
    private static final int STEMMED_FROM = 4;

    private Rouge() {}

    /**
     * Over runs of words.
     *
     * @param n words in a run, at least 1
     * @param stem whether endings are taken off first
     */
    public static double n(int n, boolean stem, String input, String reference) {
        NGrams runs = NGrams.of(words(input, stem), n);
        NGrams wanted = NGrams.of(words(reference, stem), n);
        return f1(runs.shared(wanted), runs.total(), wanted.total());
    }

    /** Over the longest common subsequence of words. */
    public static double l(boolean stem, String input, String reference) {
        Map<String, Integer> numbers = new HashMap<>();
        int[] words = numbered(words(input, stem), numbers);
        int[] wanted = numbered(words(reference, stem), numbers);
        return f1(new CommonSubsequence(words).with(wanted), words.length, wanted.length);
    }

    private static int[] numbered(List<String> words, Map<String, Integer> numbers) {
        return words.stream()
                .mapToInt(word -> numbers.computeIfAbsent(word, _ -> numbers.size()))
                .toArray();
    }

    private static double f1(int shared, int written, int wanted) {
        return shared == 0 ? 0 : 2.0 * shared / (written + wanted);
    }

    private static List<String> words(String text, boolean stem) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            String word = matcher.group();
            words.add(stem && word.length() >= STEMMED_FROM ? PorterStemmer.stem(word) : word);
        }
        return words;
    }
}
