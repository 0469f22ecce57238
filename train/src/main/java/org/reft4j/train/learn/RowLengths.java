package org.reft4j.train.learn;

import java.util.List;

/**
 * Lengths of prompts or rows, in tokens.
 *
 * @param count number of rows
 * @param median median length; of an even number the smaller of the two middle ones
 * @param longest longest length
 * @param limit length limit
 * @param over number of rows over the limit
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
