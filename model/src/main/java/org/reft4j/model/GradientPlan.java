package org.reft4j.model;

/**
 * Memory plan of a backward pass: the activations and logits to keep. Changes memory and time; results differ by rounding only.
 *
 * @param checkpointing whether only the input of each layer is kept, and the rest computed a second time when its gradient is due
 *     (activation checkpointing; Chen et al. 2016, arXiv:1604.06174)
 * @param logitBytes at most this many bytes of logits at once, float32: the output layer takes as many completion tokens together as fit
 */
public record GradientPlan(boolean checkpointing, long logitBytes) {
    /** Large enough for full speed of the output layer's product, small beside anything else. */
    public static final long LOGIT_BYTES = 64L << 20;

    /** Plan that keeps everything but the logits. */
    public static final GradientPlan FAST = new GradientPlan(false, LOGIT_BYTES);

    public GradientPlan {
        if (logitBytes <= 0) {
            throw new IllegalArgumentException("logitBytes is " + logitBytes + "; expected a positive number");
        }
    }

    /** Completion tokens whose logits are in memory together. */
    int chunk(int vocabulary) {
        return Math.clamp(logitBytes / ((long) vocabulary * Float.BYTES), 1, Integer.MAX_VALUE);
    }
}
