package org.reft4j.train.learn;

import java.util.List;

/**
 * Lengths of prompts or rows, in tokens.
 *
 * @param count how many there are
 * @param median the middle one; of an even number the smaller of the two
 * @param longest of all
 * @param limit that they may have
 * @param over how many are longer
 */
public record RowLengths(int count, int median, int longest, int limit, int over) {
    public static RowLengths of(List<Integer> lengths, int limit) {
        List<Integer> sorted = lengths.stream().sorted().toList();
        return new RowLengths(
                sorted.size(),
                sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) / 2),
                sorted.isEmpty() ? 0 : sorted.getLast(),
                limit,
                Math.toIntExact(sorted.stream().filter(length -> length > limit).count()));
    }
}
