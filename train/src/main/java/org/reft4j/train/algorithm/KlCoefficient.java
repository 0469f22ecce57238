package org.reft4j.train.algorithm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.train.learn.Checkpointed;
import org.reft4j.train.learn.StepMetrics;
import org.reft4j.train.loss.AdaptiveKl;
import org.reft4j.train.loss.PpoConfig;

/** The weight of the KL penalty as a run goes on: what the configuration says, or moved after every step. Part of a checkpoint then. */
final class KlCoefficient implements Checkpointed {
    private static final String KEY = "kl-coefficient";

    private final PpoConfig ppo;
    private double beta;

    KlCoefficient(PpoConfig ppo) {
        this.ppo = ppo;
        this.beta = ppo.kl();
    }

    /** The objective of the step that begins. */
    PpoConfig objective() {
        return ppo.withKl(beta);
    }

    /** Notes the weight of a step that moved the policy, and takes the next one. */
    void moved(StepMetrics metrics, int rollouts) {
        AdaptiveKl control = ppo.adaptiveKl();
        if (control != null) {
            metrics.controlled(beta);
            beta = control.next(beta, metrics.value("kl-sequence"), rollouts);
        }
    }

    @Override
    public void save(ObjectNode state) {
        if (ppo.adaptiveKl() != null) {
            state.put(KEY, beta);
        }
    }

    @Override
    public void restore(JsonNode state) {
        beta = state.path(KEY).asDouble(beta);
    }
}
