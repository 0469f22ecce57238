package org.reft4j.train.settings;

/**
 * The stored samples to train on.
 *
 * @param path a folder written by {@code reft sample}, a run's folder with rollouts, or a JSON Lines file of pairs
 * @param mismatch treatment of samples from another model, grader or prompt form: {@code refuse} or {@code accept}
 */
public record SamplesConfig(String path, Mismatch mismatch) {
    /** The treatment of samples from another model, grader or prompt form. */
    public enum Mismatch {
        REFUSE,
        ACCEPT
    }
}
