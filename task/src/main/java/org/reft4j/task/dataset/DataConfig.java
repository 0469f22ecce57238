package org.reft4j.task.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code data} section of a configuration.
 *
 * @param dataset {@code wordproblems}, {@code countdown}, {@code lookup} or {@code extraction} (generated), {@code svamp}, {@code gsm8k}, {@code mathqa}, {@code mathqa-numeric},
 *     {@code aqua} or {@code jsonl}; {@code null}: told from the files
 * @param path a folder of the dataset's files or one file; {@code null} for embedded data
 * @param cot prose or program
 * @param validationSource how many questions of train are held out where the set has no validation split, a share when below 1; or a file of
 *     them
 * @param seed of the split, and of generated data
 * @param trainLimit at most this many training questions, 0 for all: the first of those that are left when validation questions are held
 *     out, so that a larger limit holds all of a smaller one
 * @param testLimit at most this many test questions, 0 for all
 * @param options settings of generated data, by name; unknown ones are refused
 * @param testSource the same for the test split: a number to hold out, or a file; without it as many as for validation are held out
 * @param fields what the rows' fields are called where they have other names, such as {@code {question: prompt, answer: target}}; names are
 *     {@code question}, {@code answer}, {@code rationale}, {@code id}, {@code messages} and {@code tools}, and dots reach into objects
 */
public record DataConfig(
        @Nullable String dataset,
        @Nullable String path,
        Cot cot,
        @JsonProperty("validation") SplitSource validationSource,
        long seed,
        int trainLimit,
        int testLimit,
        Map<String, String> options,

        @JsonProperty("test") @Nullable SplitSource testSource,

        @Nullable Map<String, String> fields) {
    /** The share of train that is held out where nothing else is said. */
    public static final double VALIDATION_SHARE = 0.1;

    public DataConfig {
        options = Map.copyOf(options);
        fields = fields == null ? null : Map.copyOf(fields);
        if (dataset != null && dataset.isBlank()) {
            throw new DataException("data.dataset is empty; leave it out to have it told from the files");
        }
        if (path != null && path.isBlank()) {
            throw new DataException("data.path is empty; expected a folder of data files or one file");
        }
        if (seed < 0) {
            throw new DataException("data.seed is " + seed + "; expected 0 or more");
        }
        requireAmount("validation", validationSource);
        requireAmount("test", testSource);
        if (trainLimit < 0 || testLimit < 0) {
            throw new DataException("data.train-limit is " + trainLimit + " and data.test-limit " + testLimit
                    + "; expected 0 (no limit) or more");
        }
    }

    /** Rows whose fields have the usual names, held out of train. */
    public DataConfig(
            @Nullable String dataset,
            @Nullable String path,
            Cot cot,
            double validation,
            long seed,
            int trainLimit,
            int testLimit,
            Map<String, String> options) {
        this(dataset, path, cot, new SplitSource.HeldOut(validation), seed, trainLimit, testLimit, options, null, null);
    }

    private static void requireAmount(String key, @Nullable SplitSource source) {
        if (source instanceof SplitSource.HeldOut(double amount)
                && (!(amount >= 0 && amount <= Integer.MAX_VALUE) || (amount >= 1 && amount != Math.rint(amount)))) {
            throw new DataException(
                    "data." + key + " is " + amount
                            + "; expected a share of the train questions below 1, a whole number of them, 0 or more, or a file");
        }
        if (source instanceof SplitSource.File(String path) && path.isBlank()) {
            throw new DataException("data." + key + " is empty; expected a number of train questions, or a file");
        }
    }

    /** The same data, reasoned otherwise. */
    public DataConfig with(Cot other) {
        return new DataConfig(
                dataset, path, other, validationSource, seed, trainLimit, testLimit, options, testSource, fields);
    }

    /** Number of train questions held out for validation; a share when below 1. */
    public double validation() {
        return amount(validationSource);
    }

    /** Number of questions held out for a split that has no file. */
    public double heldOut(Split split) {
        return split == Split.TEST && testSource != null ? amount(testSource) : validation();
    }

    private static double amount(SplitSource source) {
        return source instanceof SplitSource.HeldOut(double amount) ? amount : 0;
    }

    /** The file that is given for a split, {@code null} for none. */
    @Nullable
    public String file(Split split) {
        return switch (split) {
            case TRAIN -> null;
            case VALIDATION -> path(validationSource);
            case TEST -> path(testSource);
        };
    }

    private static @Nullable String path(@Nullable SplitSource source) {
        return source instanceof SplitSource.File(String path) ? path : null;
    }
}
