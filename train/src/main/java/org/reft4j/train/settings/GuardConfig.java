package org.reft4j.train.settings;

import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.train.ConfigException;

/**
 * Limits at which a run warns, or stops, because training has gone wrong.
 *
 * @param logprobGap the run stops if sampling-time and training-time log-probabilities differ by more than this for more than one token in
 *     a thousand of a step
 * @param logprobGapMean the run stops if the mean of that difference over the tokens of a step is larger; by default 0.001 with float32 and
 *     0.1 with bfloat16 matrix products
 * @param klWarn mean sequence KL to the reference above which the run warns
 * @param klStop mean sequence KL to the reference above which the run stops
 * @param entropyWarn mean token entropy (estimated) below which the run warns
 * @param entropyStop mean token entropy (estimated) below which the run stops
 * @param graderFailures the run stops if a larger share than this of a step's completions could not be graded
 */
public record GuardConfig(
        double logprobGap,
        @Nullable Double logprobGapMean,
        double klWarn,
        double klStop,
        double entropyWarn,
        double entropyStop,
        double graderFailures) {
    public static final GuardConfig DEFAULT = new GuardConfig(0.5, null, 50, 500, 0.005, 0.0005, 0.2);

    public GuardConfig {
        ConfigException.check(logprobGap > 0, "guards.logprob-gap", logprobGap, "a number above 0");
        ConfigException.check(
                logprobGapMean == null || logprobGapMean > 0,
                "guards.logprob-gap-mean",
                String.valueOf(logprobGapMean),
                "a number above 0");
        ConfigException.check(klStop >= klWarn, "guards.kl-stop", klStop, "at least kl-warn (" + klWarn + ")");
        ConfigException.check(
                entropyStop <= entropyWarn,
                "guards.entropy-stop",
                entropyStop,
                "at most entropy-warn (" + entropyWarn + ")");
        ConfigException.check(
                graderFailures >= 0 && graderFailures <= 1,
                "guards.grader-failures",
                graderFailures,
                "a share in [0, 1]");
    }

    /**
     * The bound on the mean difference between the log-probabilities of sampling and of training.
     *
     * @param compute the type of matrix products; the two should differ by its rounding only
     */
    public double meanGap(DType compute) {
        return logprobGapMean != null ? logprobGapMean : compute == DType.F32 ? 1e-3 : 0.1;
    }
}
