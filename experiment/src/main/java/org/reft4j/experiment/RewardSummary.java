package org.reft4j.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Distribution of rewards, and the rows with the lowest and highest, as lines for people. */
final class RewardSummary {
    private static final int BINS = 10;
    private static final int LONGEST_BAR = 40;
    private static final int ROWS = 3;
    private static final int SHOWN = 60;

    private RewardSummary() {}

    /**
     * A graded row.
     *
     * @param reward NaN rows are left out
     */
    record Row(String id, double reward, String completion) {}

    static List<String> of(List<Row> all) {
        List<Row> rows = all.stream()
                .filter(row -> !Double.isNaN(row.reward()))
                .sorted(Comparator.comparingDouble(Row::reward))
                .toList();
        List<String> lines = new ArrayList<>();
        if (rows.isEmpty()) {
            return lines;
        }
        histogram(rows, lines);
        lines.add("least:");
        rows.stream().limit(ROWS).forEach(row -> lines.add(line(row)));
        lines.add("most:");
        rows.reversed().stream().limit(ROWS).forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static void histogram(List<Row> rows, List<String> lines) {
        double low = rows.getFirst().reward();
        double high = rows.getLast().reward();
        if (low == high) {
            lines.add(String.format(Locale.ROOT, "every row earned %.3f", low));
            return;
        }
        int[] counts = new int[BINS];
        int most = 0;
        for (Row row : rows) {
            int bin = (int) Math.min(BINS - 1, BINS * (row.reward() - low) / (high - low));
            most = Math.max(most, ++counts[bin]);
        }
        for (int bin = 0; bin < BINS; bin++) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%8.3f to %8.3f %6d %s",
                    low + bin * (high - low) / BINS,
                    low + (bin + 1) * (high - low) / BINS,
                    counts[bin],
                    "#".repeat((int) Math.ceil((double) LONGEST_BAR * counts[bin] / most))));
        }
    }

    private static String line(Row row) {
        String text = row.completion().replaceAll("\\s+", " ").strip();
        return String.format(
                Locale.ROOT,
                "%8.3f  %s  %s",
                row.reward(),
                row.id(),
                text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
    }
}
