package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.GradingGuard;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.SelfTrainingRollout;
import org.reft4j.train.settings.UpdateSize;

/**
 * Online self-training (ReFT, section 4.2), started from a supervised warm-up.
 *
 * @param steps number of training steps; each samples one batch of rollouts
 * @param passes updates on each step's samples; 2 in the paper's scripts
 * @param maxTokens longest annotated row in tokens; longer rows are cut off
 */
public record OnlineSelfTrainingSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        int steps,
        SelfTrainingRollout rollout,
        int passes,
        int maxTokens,
        GradingGuard guards)
        implements RecipeConfig {

    /** Default values. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "online-self-training",
            Map.ofEntries(
                    Map.entry("rollout", SelfTrainingRollout.ONLINE),
                    Map.entry("passes", 2),
                    Map.entry("max-tokens", 1024),
                    Map.entry("optimizer", OptimizerConfig.REFT),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT),
                    Map.entry("guards", GradingGuard.DEFAULT)));

    public OnlineSelfTrainingSettings {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(passes > 0, "passes", passes, "a positive number");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        run.requireWarmUp();
    }

    /** The right completions of a step, and all that is annotated of their questions. */
    @Override
    public UpdateSize update() {
        return new UpdateSize(rollout.questioning().rollouts(), UpdateSize.UNKNOWN, rollout.maxTotalTokens());
    }

    @Override
    public RolloutConfig sampling() {
        return rollout.questioning();
    }
}
