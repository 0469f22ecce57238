package org.reft4j.task.similarity;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts of the runs of n words in a text.
 *
 * @param counts by run
 * @param total of all counts
 */
record NGrams(Map<List<String>, Integer> counts, int total) {
    /** The runs of {@code n} words; none where there are fewer words. */
    static NGrams of(List<String> words, int n) {
        Map<List<String>, Integer> counts = new HashMap<>();
        int total = Math.max(0, words.size() - n + 1);
        for (int i = 0; i < total; i++) {
            counts.merge(words.subList(i, i + n), 1, Integer::sum);
        }
        return new NGrams(counts, total);
    }

    /** Number of runs that can be paired with an equal one of the other, each once. */
    int shared(NGrams other) {
        int shared = 0;
        for (Map.Entry<List<String>, Integer> each : counts.entrySet()) {
            shared += Math.min(each.getValue(), other.counts.getOrDefault(each.getKey(), 0));
        }
        return shared;
    }
}
