package org.reft4j.train.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
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

    double total() {
        return total;
    }

    /** By the names that docs/algorithms/grpo.md explains. */
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("ratio-mean", ratio.mean());
        values.put("clip-fraction", clipped.mean());
        values.put("loss-policy", policy);
        values.put("loss-kl", kl);
        values.put("loss-total", total);
        return values;
    }
}
