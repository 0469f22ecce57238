package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.graders.AnswerGrader;
import org.reft4j.train.ConfigException;

/** The configuration of one run. Keys in files are the component names in kebab case. */
public sealed interface RecipeConfig
        permits SftConfig,
                ReftConfig,
                OfflineSelfTrainingConfig,
                OnlineSelfTrainingConfig,
                StoredSamplesConfig,
                GrpoConfig,
                RewardModelConfig {
    /** Name of the run and of its folder. */
    String name();

    /** Seed of everything random. */
    long seed();

    ModelSource model();

    /** The starting model of training, which may differ from the one that samples. */
    default ModelSource trained() {
        return model();
    }

    DataConfig data();

    /**
     * Grader that scores completions, in the format of OpenAI's API: an object such as {@code {type: string_check, ...}}, or a file that
     * holds one. By default answers are compared as in the paper.
     */
    @Nullable
    JsonNode grader();

    /** Models for graders that ask a model, by the names that these graders use: an object, or a file that holds one. */
    @Nullable
    JsonNode models();

    /** Low-rank adapters to train instead of the weights; without this section all weights are trained. */
    @Nullable
    LoraConfig lora();

    /** Form of the prompts; by default the form that the starting model was trained with. */
    @Nullable
    PromptConfig prompt();

    /**
     * Most tokens, padding included, that go through the model at once; {@code auto} chooses by the machine's memory. Does not change the
     * result.
     */
    String microBatchTokens();

    /**
     * Recomputes activations in the backward pass instead of keeping them, which saves memory and costs time. Does not change the result.
     */
    String activationCheckpointing();

    EvaluateConfig evaluate();

    /**
     * Interval between checkpoints, and so the most work that a killed run loses: a time such as {@code 10m}, or a number of steps;
     * {@code 0} for checkpoints only at evaluations and at the end. Does not change the result.
     */
    String checkpointEvery();

    /** The models that the run reads, by the key of each one's path. */
    default Map<String, ModelSource> sources() {
        return Map.of("model.path", model());
    }

    /** Path of the stored samples to train on; {@code null} for recipes that write their own. */
    default @Nullable String samplesPath() {
        return null;
    }

    /** Sampling settings of training; {@code null} for recipes that generate only in evaluations. */
    @Nullable
    RolloutConfig sampling();

    /** True if a frozen reference model is kept in memory beside the trained one. */
    default boolean referenced() {
        return false;
    }

    /**
     * Refuses questions without an answer if answers are to be compared.
     *
     * @throws org.reft4j.task.dataset.DataException that names the first row that has none
     */
    default void requireAnswers(Dataset data) {
        if (grader() == null && data.grader() == null) {
            AnswerGrader.require(sampling() == null ? List.of() : data.train());
            AnswerGrader.require(data.validation());
        }
    }

    /** Default values: those that all recipes share, overridden by the recipe's own. */
    static Map<String, Object> defaults(String name, Map<String, Object> own) {
        Map<String, Object> data = Map.ofEntries(
                Map.entry("cot", Cot.PROGRAM),
                Map.entry("validation", 0.1),
                Map.entry("seed", 42),
                Map.entry("train-limit", 0),
                Map.entry("test-limit", 0),
                Map.entry("options", Map.of()));
        Map<String, Object> defaults = new HashMap<>(Map.ofEntries(
                Map.entry("name", name),
                Map.entry("seed", 42),
                Map.entry("model", Map.of("compute", "auto")),
                Map.entry("data", data),
                Map.entry("micro-batch-tokens", "auto"),
                Map.entry("activation-checkpointing", "auto"),
                Map.entry("checkpoint-every", CheckpointInterval.DEFAULT)));
        defaults.putAll(own);
        return Map.copyOf(defaults);
    }

    /** Requires an existing model: self-training starts from one that already answers some questions. */
    static void requireWarmUp(ModelSource model) {
        ConfigException.check(
                model.fresh() == null,
                "model.new",
                "given",
                "model.path, the folder of a warm-up: a new model answers nothing right that could be learned from");
    }

    /** Checks the shared settings above; every record's constructor calls it. */
    static void check(
            ModelSource model,
            @Nullable LoraConfig lora,
            String microBatchTokens,
            String activationCheckpointing,
            String checkpointEvery) {
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
        ConfigException.check(
                lora == null || model.fresh() == null,
                "lora",
                "given",
                "none with model.new: there is nothing yet that adapters could be trained beside");
    }
}
