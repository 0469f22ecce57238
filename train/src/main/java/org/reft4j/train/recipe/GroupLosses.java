package org.reft4j.train.recipe;

import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.loss.GrpoLossConfig;

/** The losses of one minibatch of group-relative policy optimisation, summed over its parts. */
final class GroupLosses {
    private final GrpoLossConfig config;
    private final Sums ratio = new Sums();
    private final Sums clipped = new Sums();
    private double policy;
    private double kl;
    private double total;

    GroupLosses(GrpoLossConfig config) {
        this.config = config;
    }

    void add(GrpoLoss loss) {
        policy += Tensors.toDouble(loss.policy());
        kl += Tensors.toDouble(loss.kl());
        total += Tensors.toDouble(loss.total());
        for (float r : Tensors.toFloats(loss.ratio())) {
            ratio.add(r);
            clipped.add(r < 1 - config.clipLow() || r > 1 + config.clipHigh() ? 1 : 0);
        }
    }

    double policy() {
        return policy;
    }

    double kl() {
        return kl;
    }

    double total() {
        return total;
    }

    double ratio() {
        return ratio.mean();
    }

    double clipped() {
        return clipped.mean();
    }
}
