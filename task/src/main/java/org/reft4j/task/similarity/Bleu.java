package org.reft4j.task.similarity;

import java.util.List;
import org.reft4j.ground.text.PythonText;

/**
 * {@code bleu}: BLEU of one sentence (Papineni et al. 2002) with runs of 1 to 4 words of equal weight. Where no run of some length
 * matches, 0.1 takes the place of 0 (method 1 of Chen and Cherry 2014), as NLTK's {@code sentence_bleu} with {@code method1} does. Words
 * are what stands between white space.
 */
public final class Bleu {
    private static final int LONGEST = 4;
    private static final double SMOOTHING = 0.1;

    private Bleu() {}

    /** BLEU from 0, which is the score of texts without a word in common, to 1. */
    public static double of(String input, String reference) {
        List<String> words = PythonText.split(input);
        List<String> wanted = PythonText.split(reference);
        double logs = 0;
        for (int n = 1; n <= LONGEST; n++) {
            NGrams runs = NGrams.of(words, n);
            int shared = runs.shared(NGrams.of(wanted, n));
            if (n == 1 && shared == 0) {
                return 0;
            }
            logs += Math.log((shared == 0 ? SMOOTHING : shared) / Math.max(1, runs.total()));
        }
        return brevityPenalty(words.size(), wanted.size()) * Math.exp(logs / LONGEST);
    }

    private static double brevityPenalty(int words, int wanted) {
        return words >= wanted ? 1 : Math.exp(1 - (double) wanted / words);
    }
}
