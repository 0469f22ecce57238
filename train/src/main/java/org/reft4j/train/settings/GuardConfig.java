package org.reft4j.train.settings;

import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;
import org.reft4j.train.ConfigException;

/**
 * When a run is stopped because going on would waste it.
 *
 * @param logprobGap the largest difference between sampling-time and training-time log-probabilities of sampled tokens; one token of a
 *     step in a thousand may differ more
 * @param logprobGapMean the largest mean of that difference over the tokens of a step; none: 0.001 where products are float32, 0.1 where
 *     they are bfloat16
 * @param klWarn mean sequence KL to the reference that is warned of
 * @param klStop mean sequence KL at which the run stops
 * @param entropyWarn mean token entropy estimate below which it warns
 * @param entropyStop mean token entropy estimate below which the run stops
 * @param graderFailures share of a step's completions that could not be graded above which the run stops
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
     * @param compute the type of products, whose rounding is all that the two should differ by
     */
    public double meanGap(DType compute) {
        return logprobGapMean != null ? logprobGapMean : compute == DType.F32 ? 1e-3 : 0.1;
    }
}
