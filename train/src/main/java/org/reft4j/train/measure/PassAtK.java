package org.reft4j.train.measure;

/** Estimate of pass@k: the probability that at least one of k completions is right. */
public final class PassAtK {
    private PassAtK() {}

    /**
     * The probability that at least one of {@code k} completions drawn without replacement from {@code n} is right: an unbiased estimate of
     * pass@k, {@code 1 - C(n-c, k) / C(n, k)}, as a product that neither overflows nor cancels (Chen et al. 2021, arXiv:2107.03374).
     *
     * @param n completions
     * @param c right ones among them
     * @param k from 1 to {@code n}
     */
    public static double estimate(int n, int c, int k) {
        if (k < 1 || k > n || c < 0 || c > n) {
            throw new IllegalArgumentException("pass@" + k + " of " + n + " completions, " + c
                    + " of them right: expected 1 <= k <= n, 0 <= c <= n");
        }
        if (n - c < k) {
            return 1;
        }
        double noneRight = 1;
        for (int i = n - c + 1; i <= n; i++) {
            noneRight *= 1 - (double) k / i;
        }
        return 1 - noneRight;
    }
}
