package org.reft4j.task.dataset;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code data} section of a configuration.
 *
 * @param dataset {@code wordproblems}, {@code countdown}, {@code lookup} or {@code extraction} (generated), {@code svamp}, {@code gsm8k}, {@code mathqa}, {@code mathqa-numeric},
 *     {@code aqua} or {@code jsonl}; {@code null}: told from the files
 * @param path a folder of the dataset's files or one file; {@code null} for embedded data
 * @param cot prose or program
 * @param validation how many questions of train are held out where the set has no validation split; a share when below
 *     1
 * @param seed of the split, and of generated data
 * @param trainLimit at most this many training questions, 0 for all: the first of those that are left when validation questions are held
 *     out, so that a larger limit holds all of a smaller one
 * @param testLimit at most this many test questions, 0 for all
 * @param options settings of generated data, by name; unknown ones are refused
 */
public record DataConfig(
        @Nullable String dataset,
        @Nullable String path,
        Cot cot,
        double validation,
        long seed,
        int trainLimit,
        int testLimit,
        Map<String, String> options) {
    /** The share of train that is held out where nothing else is said. */
    public static final double VALIDATION_SHARE = 0.1;

    public DataConfig {
        options = Map.copyOf(options);
        if (dataset != null && dataset.isBlank()) {
            throw new DataException("data.dataset is empty; leave it out to have it told from the files");
        }
        if (path != null && path.isBlank()) {
            throw new DataException("data.path is empty; expected a folder of data files or one file");
        }
        if (!(validation >= 0 && validation <= Integer.MAX_VALUE)
                || (validation >= 1 && validation != Math.rint(validation))) {
            throw new DataException("data.validation is " + validation
                    + "; expected a share of the train questions below 1, or a whole number of them, 0 or more");
        }
        if (seed < 0) {
            throw new DataException("data.seed is " + seed + "; expected 0 or more");
        }
        if (trainLimit < 0 || testLimit < 0) {
            throw new DataException("data.train-limit is " + trainLimit + " and data.test-limit " + testLimit
                    + "; expected 0 (no limit) or more");
        }
    }
}
