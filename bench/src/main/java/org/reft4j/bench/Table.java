package org.reft4j.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Prints figures of one model as they are measured, and records them.
 *
 * @param flops operations of one token's forward pass
 */
record Table(String name, double flops, History history) {
    static void head() {
        line("what", "tokens/s", "GFLOP/s", "of GEMM");
    }

    /** @param peak FLOP/s of a matrix product by itself */
    void peak(double peak) {
        line(name + ": GEMM", "", format(peak / 1e9), "100 %");
        history.put(name + ": GEMM GFLOP/s", peak / 1e9);
    }

    /**
     * @param seconds time of each repetition
     * @param tokens number of tokens in one repetition
     * @param passes matrix products of a token, in forward passes; 0 for no such figure, since other tokens took part
     */
    void row(String what, double[] seconds, int tokens, double passes, double peak) {
        double median = median(seconds);
        double rate = tokens * passes * flops / median;
        boolean told = passes > 0;
        line(
                name + ": " + what,
                format(tokens / median),
                told ? format(rate / 1e9) : "",
                told ? String.format(Locale.ROOT, "%.0f %%", 100 * rate / peak) : "");
        history.put(name + ": " + what + " tokens/s", tokens / median);
        if (told) {
            history.put(name + ": " + what + " of GEMM", rate / peak);
        }
    }

    private static void line(String what, String figure, String rate, String share) {
        System.out.printf(Locale.ROOT, "%-34s %10s %9s %8s%n", what, figure, rate, share);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }
}
