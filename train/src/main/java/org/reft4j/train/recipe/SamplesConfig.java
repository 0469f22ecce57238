package org.reft4j.train.recipe;

/**
 * Which stored samples are learned from.
 *
 * @param path a folder of {@code reft sample}, a run's folder with rollouts, or a JSON Lines file of pairs
 * @param mismatch {@code refuse} samples of another model or another grader, or {@code accept} them
 */
public record SamplesConfig(String path, Mismatch mismatch) {
    /** The treatment of samples that another model drew, or that were graded or asked otherwise. */
    public enum Mismatch {
        REFUSE,
        ACCEPT
    }
}
