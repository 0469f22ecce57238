package org.reft4j.train.loss;

import org.reft4j.train.ConfigException;

/**
 * The objective of KTO (arXiv:2402.01306); docs/algorithms/preference.md has the formulas.
 *
 * @param beta strength of the pull towards the reference
 * @param desirable the weight of right completions, lambda D
 * @param undesirable the weight of wrong ones, lambda U
 */
public record KtoWeights(double beta, double desirable, double undesirable) {
    public static final KtoWeights KTO = new KtoWeights(0.1, 1, 1);

    public KtoWeights {
        ConfigException.check(beta > 0, "kto.beta", beta, "a number above 0");
        ConfigException.check(desirable > 0, "kto.desirable", desirable, "a number above 0");
        ConfigException.check(undesirable > 0, "kto.undesirable", undesirable, "a number above 0");
    }
}
