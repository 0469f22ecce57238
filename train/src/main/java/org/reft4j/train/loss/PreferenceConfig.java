package org.reft4j.train.loss;

import org.reft4j.train.ConfigException;

/**
 * The objective of preference learning; docs/algorithms/preference.md has the formulas.
 *
 * @param loss {@code dpo} (arXiv:2305.18290) or {@code ipo} (arXiv:2310.12036)
 * @param beta strength of the pull towards the reference: beta in DPO, tau in IPO
 * @param labelSmoothing assumed probability that a pair is the wrong way round (conservative DPO); 0 for off
 * @param sftWeight weight of an added SFT loss: the mean negative log-likelihood of the chosen completion's tokens (RPO, arXiv:2404.19733);
 *     0 for off
 * @param lengthNormalised takes log-ratios as means over a completion's tokens instead of sums
 */
public record PreferenceConfig(
        Loss loss, double beta, double labelSmoothing, double sftWeight, boolean lengthNormalised) {
    public static final PreferenceConfig DPO = new PreferenceConfig(Loss.DPO, 0.1, 0, 0, false);

    /** The loss of a pair. */
    public enum Loss {
        DPO,
        IPO
    }

    public PreferenceConfig {
        ConfigException.check(beta > 0, "preference.beta", beta, "a number above 0");
        ConfigException.check(
                labelSmoothing >= 0 && labelSmoothing < 0.5,
                "preference.label-smoothing",
                labelSmoothing,
                "a number in [0, 0.5)");
        ConfigException.check(
                labelSmoothing == 0 || loss == Loss.DPO,
                "preference.label-smoothing",
                labelSmoothing,
                "0 with preference.loss: ipo, which has none");
        ConfigException.check(sftWeight >= 0, "preference.sft-weight", sftWeight, "0 or more");
    }
}
