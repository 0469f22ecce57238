package org.reft4j.train.settings;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;

/**
 * Settings that all recipes share. Their keys stand at the top of a file, beside the recipe's own.
 *
 * @param name name of the run and of its folder
 * @param seed seed of everything random
 * @param model the starting model
 * @param data the questions
 * @param optimizer the optimiser of what is trained
 * @param microBatchTokens most tokens, padding included, that go through the model at once; {@code auto} chooses by the machine's memory.
 *     Does not change the result
 * @param activationCheckpointing recomputes activations in the backward pass instead of keeping them, which saves memory and costs time.
 *     Does not change the result
 * @param checkpointEvery interval between checkpoints, and so the most work that a killed run loses: a time such as {@code 10m}, or a
 *     number of steps; {@code 0} for checkpoints only at evaluations and at the end. Does not change the result
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
@KeyOrder(RunSettings.SUBJECT + " * " + RunSettings.TRAINING + " prompt")
public record RunSettings(
        String name,
        long seed,
        ModelSource model,
        DataConfig data,
        OptimizerConfig optimizer,
        String microBatchTokens,
        String activationCheckpointing,
        String checkpointEvery,
        @Nullable PromptConfig prompt) {
    /** The first keys of a file, in their order. */
    public static final String SUBJECT = "name seed model lora data grader models";
    /** Keys after a recipe's own, in their order. */
    public static final String TRAINING =
            "optimizer evaluate guards micro-batch-tokens activation-checkpointing checkpoint-every";
    /** The order of keys in a recipe that passes over stored rows, whose batches come before {@link #TRAINING}. */
    public static final String PASSES =
            SUBJECT + " * batch micro-batch-tokens activation-checkpointing epochs max-tokens optimizer evaluate"
                    + " evaluate-every checkpoint-every prompt";

    public RunSettings {
        requireFolderName(name);
        var _ = CheckpointInterval.of(checkpointEvery);
        ConfigException.check(
                microBatchTokens.equals("auto") || microBatchTokens.matches("[1-9]\\d{0,8}"),
                "micro-batch-tokens",
                microBatchTokens,
                "auto or a positive number");
        ConfigException.check(
                List.of("auto", "true", "false").contains(activationCheckpointing),
                "activation-checkpointing",
                activationCheckpointing,
                "auto, true or false");
    }

    /** A run's folder is called so. */
    private static void requireFolderName(String name) {
        // A slash at the end makes no other path.
        if (name.isBlank()
                || name.startsWith(".")
                || name.indexOf('\0') >= 0
                || Path.of(name).getNameCount() != 1
                || Path.of(name).isAbsolute()) {
            throw new ConfigException("", "name", "'" + name + "'", "a plain folder name such as my-run", null);
        }
    }

    /** Requires an existing model: the one that wrote the stored samples. */
    public void requireWriter() {
        ConfigException.check(
                model.fresh() == null,
                "model.new",
                "given",
                "model.path, the folder of the model that wrote the samples: a new one wrote none");
    }

    /** Requires an existing model: self-training starts from one that already answers some questions. */
    public void requireWarmUp() {
        ConfigException.check(
                model.fresh() == null,
                "model.new",
                "given",
                "model.path, the folder of a warm-up: a new model answers nothing right that could be learned from");
    }
}
