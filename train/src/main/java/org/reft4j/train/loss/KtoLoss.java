package org.reft4j.train.loss;

import static org.reft4j.tensor.Tensors.scalar;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv:2402.01306, equation 8), for completions that are right or wrong by
 * themselves, without pairs. With {@code r(y) = log policy(y|x) - log reference(y|x)} and a reference point {@code z}: a right completion
 * loses {@code lambda_D (1 - sigmoid(beta (r - z)))}, a wrong one {@code lambda_U (1 - sigmoid(beta (z - r)))}.
 */
public final class KtoLoss {
    private KtoLoss() {}

    /**
     * The loss of each completion.
     *
     * @param policy log-probabilities of whole completions, float32 [R]
     * @param reference the same under the frozen reference, float32 [R]
     * @param right for each completion, true if it is right
     * @param point the reference point z; a number, so that no gradient goes through it
     * @return float32 [R]
     */
    public static Tensor of(Tensor policy, Tensor reference, boolean[] right, double point, KtoWeights config) {
        float[] signs = new float[right.length];
        float[] weights = new float[right.length];
        for (int i = 0; i < right.length; i++) {
            signs[i] = (float) (right[i] ? config.beta() : -config.beta());
            weights[i] = (float) (right[i] ? config.desirable() : config.undesirable());
        }
        Place place = Place.of(policy);
        Tensor gained = policy.sub(reference).sub(scalar(point)).mul(Tensors.floats(place, signs, signs.length));
        // 1 - sigmoid(x) is sigmoid(-x).
        return gained.neg().sigmoid().mul(Tensors.floats(place, weights, weights.length));
    }

    /**
     * The reference point: the KL divergence of policy and reference, estimated by completions of other questions, and never below 0.
     *
     * @param policy log-probabilities of completions after prompts that they do not belong to
     * @param reference the same under the frozen reference
     */
    public static double point(double[] policy, double[] reference) {
        return Math.max(
                0, (Arrays.stream(policy).sum() - Arrays.stream(reference).sum()) / policy.length);
    }
}
