package org.reft4j.task.similarity;

import java.util.List;
import org.reft4j.ground.text.PythonText;

/**
 * {@code gleu}: Google's BLEU for single sentences (Wu et al. 2016, arXiv:1609.08144), as NLTK's {@code sentence_gleu} has it: of all
 * runs of 1 to 4 words, the smaller of precision and recall. Words are what stands between white space.
 */
public final class Gleu {
    private static final int LONGEST = 4;

    private Gleu() {}

    /** GLEU from 0, also where there is no word at all, to 1. */
    public static double of(String input, String reference) {
        List<String> words = PythonText.split(input);
        List<String> wanted = PythonText.split(reference);
        int shared = 0;
        int written = 0;
        int expected = 0;
        for (int n = 1; n <= LONGEST; n++) {
            NGrams runs = NGrams.of(words, n);
            NGrams wantedRuns = NGrams.of(wanted, n);
            shared += runs.shared(wantedRuns);
            written += runs.total();
            expected += wantedRuns.total();
        }
        int all = Math.max(written, expected);
        return all == 0 ? 0 : (double) shared / all;
    }
}
