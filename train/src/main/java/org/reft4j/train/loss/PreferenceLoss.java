package org.reft4j.train.loss;

import static org.reft4j.tensor.Tensors.scalar;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Preference loss on pairs of a chosen and a rejected completion, relative to a frozen reference. With the log-ratios
 * {@code r(y) = log policy(y|x) - log reference(y|x)} and their difference {@code h = r(chosen) - r(rejected)}:
 *
 * <ul>
 *     <li>DPO (Rafailov et al. 2023, arXiv:2305.18290, equation 7): {@code -log sigmoid(beta h)}; with label smoothing
 *     e (conservative DPO)
 *       {@code -(1 - e) log sigmoid(beta h) - e log sigmoid(-beta h)};
 *   <li>IPO (Azar et al. 2023, arXiv:2310.12036, equation 17): {@code (h - 1 / (2 beta))^2};
 *   <li>plus, with a weight, {@code -log policy(chosen|x) / |chosen|} (Pang et al. 2024, arXiv:2404.19733, equation 2).
 * </ul>
 *
 * @param losses loss of each pair, float32 [P]
 * @param logRatios log-ratio of chosen over rejected, the {@code h} of each pair, float32 [P]
 */
public record PreferenceLoss(Tensor losses, Tensor logRatios) {
    /**
     * The two completions of each pair, the chosen ones first.
     *
     * @param policy log-probabilities of whole completions, float32 [2 P]
     * @param reference the same under the frozen reference, float32 [2 P]
     * @param lengths in tokens, float32 [2 P]
     */
    public static PreferenceLoss of(Tensor policy, Tensor reference, Tensor lengths, PreferenceConfig config) {
        long pairs = policy.numel() / 2;
        Tensor ratios = policy.sub(reference); // [2 P]
        if (config.lengthNormalised()) {
            ratios = ratios.div(lengths);
        }
        Tensor difference = ratios.narrow(0, 0, pairs).sub(ratios.narrow(0, pairs, pairs)); // [P]
        Tensor losses = config.loss() == PreferenceConfig.Loss.IPO ? ipo(difference, config) : dpo(difference, config);
        if (config.sftWeight() > 0) {
            Tensor likelihood = policy.narrow(0, 0, pairs).div(lengths.narrow(0, 0, pairs)); // [P]
            losses = losses.sub(likelihood.mul(scalar(config.sftWeight())));
        }
        return new PreferenceLoss(losses, difference);
    }

    private static Tensor dpo(Tensor difference, PreferenceConfig config) {
        Tensor scaled = difference.mul(scalar(config.beta()));
        Tensor losses = torch.log_sigmoid(scaled).mul(scalar(config.labelSmoothing() - 1));
        return config.labelSmoothing() == 0
                ? losses
                : losses.sub(torch.log_sigmoid(scaled.neg()).mul(scalar(config.labelSmoothing())));
    }

    private static Tensor ipo(Tensor difference, PreferenceConfig config) {
        return difference.sub(scalar(1 / (2 * config.beta()))).square();
    }
}
