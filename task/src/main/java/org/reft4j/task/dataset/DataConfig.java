package org.reft4j.task.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The training data and their splits.
 *
 * @param dataset name of the dataset: {@code wordproblems}, {@code countdown}, {@code lookup} or {@code extraction} (generated),
 *     {@code svamp}, {@code gsm8k}, {@code mathqa}, {@code mathqa-numeric}, {@code aqua} or {@code jsonl}; by default recognised from the
 *     files
 * @param path a folder of the dataset's files, or one file; not needed for generated data
 * @param cot kind of chain of thought: {@code n} for prose, {@code p} for a program
 * @param validationSource validation questions: a number (or a share, if below 1) to hold out of train if the dataset has no validation
 *     split, or a file
 * @param seed seed of the split and of generated data
 * @param trainLimit most training questions, 0 for all; takes the first ones that remain after validation questions are held out, so that a
 *     larger limit includes all questions of a smaller one
 * @param testLimit most test questions, 0 for all
 * @param options settings of generated data, by name; unknown ones are refused
 * @param testSource test questions: a number to hold out of train if the dataset has no test split, or a file; by default as many as for
 *     validation
 * @param fields names of the rows' fields if they differ from the expected ones, such as {@code {question: prompt, answer: target}}; the
 *     expected names are {@code question}, {@code answer}, {@code rationale}, {@code id}, {@code messages} and {@code tools}, and dots
 *     select fields of nested objects
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
    /** Default share of train to hold out. */
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
