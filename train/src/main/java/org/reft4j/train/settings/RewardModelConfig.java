package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.RewardLabels;

/**
 * A reward model: a classifier that tells right chains of thought from wrong ones (ReFT, section 4.4). All weights are trained.
 *
 * @param model the starting model: any model or checkpoint with the same base as the model that wrote the samples; in the paper the best
 *     SFT or ReFT model
 * @param data the data that the samples were made from; training questions are looked up by their ids
 * @param samples the stored samples to train on
 * @param labels {@code outcome} to judge the whole chain of thought, or {@code process} to judge every step
 * @param steps labels of the steps, with {@code labels: process}
 * @param batch samples per optimiser step
 * @param epochs passes over the samples; may be a fraction
 * @param maxTokens longest prompt and chain together, in tokens; the end of a longer chain is cut off
 * @param evaluateEvery steps between two evaluations on the held-out samples; 0 to evaluate at the end only
 * @param prompt form of the prompts; by default the form that the starting model was trained with
 */
public record RewardModelConfig(
        String name,
        long seed,
        ModelSource model,
        DataConfig data,
        RewardSamples samples,
        RewardLabels labels,
        @Nullable StepLabelSource steps,
        int batch,
        String microBatchTokens,
        String activationCheckpointing,
        double epochs,
        int maxTokens,
        OptimizerConfig optimizer,
        int evaluateEvery,
        String checkpointEvery,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    /** Default values: those of the paper's scripts, and a tenth of the questions held out. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "reward-model",
            Map.ofEntries(
                    Map.entry("samples", Map.of("per-question", 100, "held-out", 0.1)),
                    Map.entry("labels", RewardLabels.OUTCOME),
                    Map.entry("batch", 24),
                    Map.entry("epochs", 3.0),
                    Map.entry("max-tokens", 700),
                    Map.entry("optimizer", OptimizerConfig.SFT.withRate(1e-6)),
                    Map.entry("evaluate-every", 0)));

    public RewardModelConfig {
        ConfigException.check(
                (labels == RewardLabels.PROCESS) == (steps != null),
                "steps",
                steps == null ? "missing" : "given",
                "a file of step labels with labels: process, and none with labels: outcome");
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        RecipeConfig.check(model, null, microBatchTokens, activationCheckpointing, checkpointEvery);
        ConfigException.check(evaluateEvery >= 0, "evaluate-every", evaluateEvery, "0 or more");
    }

    /**
     * The stored samples to train on.
     *
     * @param path a folder written by {@code reft sample --split train}, or the folder of a run with rollouts
     * @param perQuestion most samples used of each question: the first ones, without repeated texts
     * @param heldOut share of questions whose samples are used for evaluation only
     */
    public record RewardSamples(String path, int perQuestion, double heldOut) {
        public RewardSamples {
            ConfigException.check(perQuestion > 0, "samples.per-question", perQuestion, "a positive number");
            ConfigException.check(heldOut >= 0 && heldOut < 1, "samples.held-out", heldOut, "a share in [0, 1)");
        }
    }

    /** Answers are not compared: the samples already record which of them are right. */
    @Override
    public @Nullable JsonNode grader() {
        return null;
    }

    @Override
    public @Nullable JsonNode models() {
        return null;
    }

    @Override
    public @Nullable LoraConfig lora() {
        return null;
    }

    /** The model generates nothing, so that evaluation needs no cache. */
    @Override
    public EvaluateConfig evaluate() {
        return new EvaluateConfig(evaluateEvery, 0, 2, 1, false);
    }

    @Override
    public String samplesPath() {
        return samples.path();
    }

    @Override
    public @Nullable RolloutConfig sampling() {
        return null;
    }
}
