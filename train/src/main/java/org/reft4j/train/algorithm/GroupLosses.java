package org.reft4j.train.algorithm;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Loss;
import org.reft4j.train.learn.UpdateLosses;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.rollout.GroupExperience;

/** The losses of one minibatch of group-relative policy optimisation, summed over its parts. */
final class GroupLosses implements Loss<UpdateLosses> {
    private final UpdateLosses sums;
    private final GroupExperience experience;
    private final int[] minibatch;
    private final GrpoLossConfig config;

    /**
     * @param minibatch indices of the completions
     * @param unmoved true if no weight has changed since sampling, as before the first update of a step
     */
    GroupLosses(GroupExperience experience, int[] minibatch, GrpoLossConfig config, boolean unmoved) {
        this.experience = experience;
        this.minibatch = minibatch;
        this.config = config;
        this.sums = new UpdateLosses("loss-kl", unmoved);
    }

    @Override
    public Tensor of(int[] items, PolicyModel.Scores scores) {
        int[] group = Arrays.stream(items).map(i -> minibatch[i]).toArray();
        if (sums.unmoved()) {
            experience.measure(group, Tensors.toFloats(scores.logprobs()));
        }
        GrpoLoss.Old old =
                old(scores.logprobs(), experience.old(Place.of(scores.logprobs()), group, minibatch, config));
        GrpoLoss loss = GrpoLoss.of(scores.logprobs(), old, config);
        add(loss);
        return loss.total();
    }

    /**
     * The old policy's figures for the ratios. If no weight has changed since sampling, the policy is compared with itself: ratios are
     * exactly 1 and the gradient is the plain policy gradient, whatever the rounding of the earlier pass.
     */
    GrpoLoss.Old old(Tensor now, GrpoLoss.Old measured) {
        if (!sums.unmoved()) {
            return measured;
        }
        sums.addRounding(GrpoLoss.of(now.detach(), measured, config).cut());
        return measured.sampledBy(now);
    }

    void add(GrpoLoss loss) {
        sums.add(loss.policy(), loss.kl(), loss.total(), loss.ratio(), loss.cut());
    }

    @Override
    public UpdateLosses figures() {
        return sums;
    }
}
