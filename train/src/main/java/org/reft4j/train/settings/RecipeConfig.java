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
    /** Names the run's folder. */
    String name();

    /** Of everything random. */
    long seed();

    ModelSource model();

    /** The model that training begins with, where that is not the one that samples. */
    default ModelSource trained() {
        return model();
    }

    DataConfig data();

    /**
     * Judges completions, in the words of OpenAI's API: an object such as {@code {type: string_check, ...}}, or the file that holds one.
     * None: answers are compared as the paper does.
     */
    @Nullable
    JsonNode grader();

    /** The models that judge, by the names that graders use: an object, or the file that holds one. */
    @Nullable
    JsonNode models();

    /** Trains adapters beside frozen weights; without it, all weights are trained. */
    @Nullable
    LoraConfig lora();

    /** How questions are put to the model; none: as to the model that training begins with. */
    @Nullable
    PromptConfig prompt();

    /**
     * At most this many tokens, padding included, go through the model at once; {@code auto} follows from the machine's memory. Does not
     * change the result.
     */
    String microBatchTokens();

    /** Whether activations are computed a second time instead of kept, which saves memory and costs time; does not change the result. */
    String activationCheckpointing();

    EvaluateConfig evaluate();

    /**
     * How much work a killed run loses at most: a time such as {@code 10m}, or a number of steps; {@code 0} for checkpoints at the end and
     * where the model is measured only. Does not change the result.
     */
    String checkpointEvery();

    /** The models that are read, by the key of each one's path. */
    default Map<String, ModelSource> sources() {
        return Map.of("model.path", model());
    }

    /** The stored samples that are learned from; none: there are none but those of the run itself. */
    default @Nullable String samplesPath() {
        return null;
    }

    /** How completions are sampled during training; none where the model writes only when it is measured. */
    @Nullable
    RolloutConfig sampling();

    /** Whether a frozen reference is held beside the model that is trained. */
    default boolean referenced() {
        return false;
    }

    /**
     * Refuses questions without an answer where answers are compared.
     *
     * @throws org.reft4j.task.dataset.DataException that names the first row that has none
     */
    default void requireAnswers(Dataset data) {
        if (grader() == null && data.grader() == null) {
            AnswerGrader.require(sampling() == null ? List.of() : data.train());
            AnswerGrader.require(data.validation());
        }
    }

    /** What holds for keys that a file leaves out: those that all recipes share, and a recipe's own over them. */
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

    /** Self-training begins with a model that can answer something already. */
    static void requireWarmUp(ModelSource model) {
        ConfigException.check(
                model.fresh() == null,
                "model.new",
                "given",
                "model.path, the folder of a warm-up: a new model answers nothing right that could be learned from");
    }

    /** The checks of the settings above, which a record's constructor cannot ask itself for. */
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
