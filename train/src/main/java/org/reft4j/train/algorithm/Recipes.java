package org.reft4j.train.algorithm;

import java.util.List;
import java.util.Map;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.DpoConfig;
import org.reft4j.train.settings.GrpoConfig;
import org.reft4j.train.settings.KtoConfig;
import org.reft4j.train.settings.OfflineSelfTrainingConfig;
import org.reft4j.train.settings.OnlineSelfTrainingConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.ReftConfig;
import org.reft4j.train.settings.RewardModelConfig;
import org.reft4j.train.settings.SftConfig;
import org.reft4j.train.settings.WeightedRegressionConfig;

/** Every recipe this build can run. Adding one: write its file and its config record, add its line here. */
public final class Recipes {
    private Recipes() {}

    /**
     * An entry of the table of recipes.
     *
     * @param name the value of {@code recipe:} in a configuration file
     * @param about one sentence for users
     * @param type the record that the file is read into
     * @param defaults default values by key: records for sections, or plain values
     * @param recipe the algorithm
     */
    public record Entry<C extends RecipeConfig>(
            String name, String about, Class<C> type, Map<String, Object> defaults, Recipe<C> recipe) {}

    public static final List<Entry<?>> ALL = List.of(
            new Entry<>(
                    "sft",
                    "supervised fine-tuning on annotated questions (the paper's warm-up and baseline)",
                    SftConfig.class,
                    SftConfig.DEFAULTS,
                    new SftRecipe()),
            new Entry<>(
                    "reft",
                    "reinforced fine-tuning: PPO on sampled chains of thought, from a supervised warm-up",
                    ReftConfig.class,
                    ReftConfig.DEFAULTS,
                    new ReftRecipe()),
            new Entry<>(
                    "offline-self-training",
                    "supervised fine-tuning of the base model on a warm-up's own right samples and the annotated data",
                    OfflineSelfTrainingConfig.class,
                    OfflineSelfTrainingConfig.DEFAULTS,
                    new OfflineSelfTrainingRecipe()),
            new Entry<>(
                    "online-self-training",
                    "supervised fine-tuning on the policy's own right samples of each step, beside the annotated data",
                    OnlineSelfTrainingConfig.class,
                    OnlineSelfTrainingConfig.DEFAULTS,
                    new OnlineSelfTrainingRecipe()),
            new Entry<>(
                    "dpo",
                    "direct preference optimisation on pairs of right and wrong stored samples (DPO, IPO, with options)",
                    DpoConfig.class,
                    DpoConfig.DEFAULTS,
                    new DpoRecipe()),
            new Entry<>(
                    "weighted-regression",
                    "supervised fine-tuning on stored samples, weighted by reward or advantage (RWR, AWR)",
                    WeightedRegressionConfig.class,
                    WeightedRegressionConfig.DEFAULTS,
                    new WeightedRegressionRecipe()),
            new Entry<>(
                    "kto",
                    "Kahneman-Tversky optimisation on stored samples that are right or wrong by themselves",
                    KtoConfig.class,
                    KtoConfig.DEFAULTS,
                    new KtoRecipe()),
            new Entry<>(
                    "grpo",
                    "group-relative policy optimisation: clipped policy updates without a critic, from several completions a question",
                    GrpoConfig.class,
                    GrpoConfig.DEFAULTS,
                    new GrpoRecipe()),
            new Entry<>(
                    "reward-model",
                    "a classifier that tells right samples from wrong ones, for reranking and for judging steps",
                    RewardModelConfig.class,
                    RewardModelConfig.DEFAULTS,
                    new RewardModelRecipe()));

    /** The entry of a name. */
    public static Entry<?> of(String name) {
        return ALL.stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException("recipe is " + name + "; expected one of "
                        + ALL.stream().map(Entry::name).toList()));
    }
}
