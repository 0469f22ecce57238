package org.reft4j.train.settings;

import org.reft4j.train.ConfigException;

/**
 * Settings that all recipes share which train on stored samples only. Their keys stand at the top of a file.
 *
 * @param samples the stored samples to train on
 * @param batch pairs or completions per optimiser step, whichever the recipe trains on
 * @param epochs passes over them; may be a fraction
 * @param maxTokens longest prompt and completion together, in tokens; a longer one is left out, and so is a pair with one
 */
public record StoredSettings(SamplesConfig samples, int batch, double epochs, int maxTokens) {
    public StoredSettings {
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
    }
}
