package org.reft4j.train.recipe;

import org.reft4j.train.ConfigException;

/**
 * Which stored samples are learned from.
 *
 * @param path a folder of {@code reft sample}, a run's folder with rollouts, or a JSON Lines file of pairs
 * @param mismatch {@code refuse} samples of another model or another grader, or {@code accept} them
 */
public record SamplesConfig(String path, String mismatch) {
    public SamplesConfig {
        ConfigException.check(
                mismatch.equals("refuse") || mismatch.equals("accept"),
                "samples.mismatch",
                mismatch,
                "refuse or accept");
    }
}
