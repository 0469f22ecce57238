package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.StepLabelSource;
import org.reft4j.train.settings.UpdateSize;

/**
 * A reward model: a classifier that tells right chains of thought from wrong ones (ReFT, section 4.4). All weights are trained.
 *
 * @param samples the stored samples to train on
 * @param labels {@code outcome} to judge the whole chain of thought, or {@code process} to judge every step
 * @param steps labels of the steps, with {@code labels: process}
 * @param batch samples per optimiser step
 * @param epochs passes over the samples; may be a fraction
 * @param maxTokens longest prompt and chain together, in tokens; the end of a longer chain is cut off
 * @param evaluateEvery steps between two evaluations on the held-out samples; 0 to evaluate at the end only
 */
@KeyOrder(RunSettings.PASSES)
public record RewardModelSettings(
        @JsonUnwrapped RunSettings run,
        RewardSamples samples,
        RewardLabels labels,
        @Nullable StepLabelSource steps,
        int batch,
        double epochs,
        int maxTokens,
        int evaluateEvery)
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

    public RewardModelSettings {
        ConfigException.check(
                (labels == RewardLabels.PROCESS) == (steps != null),
                "steps",
                steps == null ? "missing" : "given",
                "a file of step labels with labels: process, and none with labels: outcome");
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
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

    /** Nothing is generated, so that evaluation needs no cache; the samples already record which answers are right. */
    @Override
    public PolicySettings policy() {
        return new PolicySettings(null, null, null, new EvaluateConfig(evaluateEvery, 0, 2, 1, false, 1, false));
    }

    @Override
    public UpdateSize update() {
        return new UpdateSize(batch, maxTokens);
    }

    @Override
    public boolean answers() {
        return false;
    }

    @Override
    public String samplesPath() {
        return samples.path();
    }
}
