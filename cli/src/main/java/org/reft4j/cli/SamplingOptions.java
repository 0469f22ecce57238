package org.reft4j.cli;

import org.reft4j.train.ConfigException;
import picocli.CommandLine.Option;

/** Sampling options of {@code reft sample} and {@code reft steps}; the defaults are the paper's for voting. */
final class SamplingOptions {
    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Scores are divided by it; above 0.",
            defaultValue = "1.0")
    private double temperature = 1;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Only the K likeliest tokens; 0 for all.",
            defaultValue = "50")
    private int topK = 50;

    @Option(names = "--batch", paramLabel = "N", description = "Answers written at once.", defaultValue = "64")
    private int batch = 64;

    /** For {@code reft steps}; those of {@code reft sample} are checked with all its settings. */
    void check() {
        ConfigException.check(
                temperature > 0 && Double.isFinite(temperature), "--temperature", temperature, "a number above 0");
        ConfigException.check(topK >= 0, "--top-k", topK, "0 (off) or more");
        ConfigException.check(batch > 0, "--batch", batch, "a positive number");
    }

    double temperature() {
        return temperature;
    }

    int topK() {
        return topK;
    }

    int batch() {
        return batch;
    }
}
