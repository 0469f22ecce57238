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

/**
 * The configuration of one run: settings that recipes share, and a recipe's own. Keys in files are the component names in kebab case. Besides
 * its keys it answers what is asked of every run before its data are known: the models and samples that it reads, how it samples, what it
 * holds in memory.
 */
public interface RecipeConfig {
    /** Settings that all recipes share. */
    RunSettings run();

    /** Settings of the policy; of a recipe that trains none, those of a model that answers nothing. */
    PolicySettings policy();

    /** The rows that one update learns from. */
    UpdateSize update();

    default String name() {
        return run().name();
    }

    default long seed() {
        return run().seed();
    }

    default ModelSource model() {
        return run().model();
    }

    default DataConfig data() {
        return run().data();
    }

    default OptimizerConfig optimizer() {
        return run().optimizer();
    }

    default @Nullable JsonNode grader() {
        return policy().grader();
    }

    default @Nullable JsonNode models() {
        return policy().models();
    }

    default @Nullable LoraConfig lora() {
        return policy().lora();
    }

    default EvaluateConfig evaluate() {
        return policy().evaluate();
    }

    /** The starting model of training, which may differ from the one that samples. */
    default ModelSource trained() {
        return model();
    }

    /** The models that the run reads, by the key of each one's path. */
    default Map<String, ModelSource> sources() {
        return Map.of("model.path", model());
    }

    /** Path of the stored samples to train on; {@code null} for recipes that write their own. */
    default @Nullable String samplesPath() {
        return null;
    }

    /** Stored samples that should be those of the starting model; {@code null} if there are none, or it does not matter. */
    default @Nullable SamplesConfig ownSamples() {
        return null;
    }

    /** Sampling settings of training; {@code null} for recipes that generate only in evaluations. */
    default @Nullable RolloutConfig sampling() {
        return null;
    }

    /** Most completions of one step, of a recipe that samples. */
    default long mostRollouts() {
        RolloutConfig sampling = sampling();
        return sampling == null ? 0 : sampling.rollouts();
    }

    /** True if updates weigh tokens by the probability they were sampled with, which needs the support of each. */
    default boolean weighsTokens() {
        return false;
    }

    /** True if a frozen reference model is kept in memory beside the trained one. */
    default boolean referenced() {
        return false;
    }

    /** True if a second model is trained beside the policy: a critic with layers of its own. */
    default boolean separateCritic() {
        return false;
    }

    /** True if what is trained answers questions, so that it can be asked and measured by a grader; a classifier does not. */
    default boolean answers() {
        return true;
    }

    /** True if evaluations begin before the first step; a new model answers nothing, and takes longest to say so. */
    default boolean measuredFirst() {
        return true;
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

    /** Checks shared settings that depend on one another; a record's constructor checks those of one record. */
    default void check() {
        ConfigException.check(
                lora() == null || model().fresh() == null,
                "lora",
                "given",
                "none with model.new: there is nothing yet that adapters could be trained beside");
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
                Map.entry("model", Map.of("compute", "auto", "device", "auto")),
                Map.entry("data", data),
                Map.entry("micro-batch-tokens", "auto"),
                Map.entry("activation-checkpointing", "auto"),
                Map.entry("checkpoint-every", CheckpointInterval.DEFAULT)));
        defaults.putAll(own);
        return Map.copyOf(defaults);
    }
}
