package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.KeyOrder;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.GradingGuard;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.SelfTrainingRollout;
import org.reft4j.train.settings.UpdateSize;

/**
 * Offline self-training (ReFT, section 4.2): a warm-up model writes samples, and the base model is trained on the right ones together with
 * the annotated data.
 *
 * @param base the model to train: the one that the warm-up was trained from
 * @param iterate number of rounds of sampling, filtering and training (STaR, arXiv:2203.14465); from the second on, the best model of the
 *     previous round writes the samples. Every round trains the base model anew
 * @param keep most different right chains of thought per question, chosen at random; 10 in the paper
 * @param batch rows per optimiser step
 * @param epochs passes over the rows in each round; may be a fraction
 * @param maxTokens longest row in tokens; longer rows are cut off
 */
@KeyOrder("name seed model base lora data grader models * " + RunSettings.TRAINING + " prompt")
public record OfflineSelfTrainingSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        Pretrained base,
        int iterate,
        SelfTrainingRollout rollout,
        int keep,
        int batch,
        double epochs,
        int maxTokens,
        GradingGuard guards)
        implements RecipeConfig {

    /** Default values. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "offline-self-training",
            Map.ofEntries(
                    Map.entry("iterate", 1),
                    Map.entry("rollout", SelfTrainingRollout.OFFLINE),
                    Map.entry("keep", 10),
                    Map.entry("batch", 48),
                    Map.entry("epochs", 20.0),
                    Map.entry("max-tokens", 1024),
                    Map.entry("optimizer", OptimizerConfig.SFT),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT),
                    Map.entry("guards", GradingGuard.DEFAULT)));

    public OfflineSelfTrainingSettings {
        ConfigException.check(iterate > 0, "iterate", iterate, "a positive number");
        ConfigException.check(
                keep > 0, "keep", keep, "a positive number; to train on annotated data alone, use recipe: sft");
        ConfigException.check(batch > 0, "batch", batch, "a positive number");
        ConfigException.check(epochs > 0, "epochs", epochs, "a number above 0");
        ConfigException.check(maxTokens > 1, "max-tokens", maxTokens, "more than 1");
        run.requireWarmUp();
        ConfigException.check(
                policy.lora() == null || base.fresh() == null,
                "lora",
                "given",
                "none with base.new: there is nothing yet that adapters could be trained beside");
    }

    /**
     * The largest number of steps that a run can have: every round has one for sampling and one for each update, and every question keeps
     * as many chains as it may.
     *
     * @param annotated number of rows of the annotated data
     * @param questions number of questions of the training split
     */
    public long mostSteps(long annotated, long questions) {
        return iterate * (1L + updates(annotated + keep * questions));
    }

    /** Number of updates of a round that trains on {@code rows} rows. */
    public long updates(long rows) {
        return new EpochBatches(rows, batch, epochs).steps();
    }

    @Override
    public ModelSource trained() {
        return base.source(model());
    }

    @Override
    public Map<String, ModelSource> sources() {
        Map<String, ModelSource> sources = new LinkedHashMap<>(RecipeConfig.super.sources());
        sources.put("base.path", base.source(model()));
        return sources;
    }

    @Override
    public UpdateSize update() {
        return new UpdateSize(batch, maxTokens);
    }

    @Override
    public RolloutConfig sampling() {
        return rollout.questioning();
    }

    /**
     * The model to train; every round starts from it anew.
     *
     * @param path a Hugging Face folder, a GGUF file, or a model's name on the hub; {@code null} with {@code fresh}
     * @param fresh a new model (key {@code new}), with the same weights that the warm-up's run of the same seed started with; {@code null}
     *     with {@code path}
     */
    public record Pretrained(
            @Nullable String path, @JsonProperty("new") ModelSource.@Nullable NewModel fresh) {
        public Pretrained {
            ConfigException.check(
                    (path == null) != (fresh == null),
                    "base",
                    path == null ? "{}" : "path and new",
                    "either path or new: the model that the warm-up was trained from");
        }

        /** @param beside says how products are computed, and where */
        ModelSource source(ModelSource beside) {
            return new ModelSource(path, fresh, beside.compute(), beside.device());
        }
    }
}
