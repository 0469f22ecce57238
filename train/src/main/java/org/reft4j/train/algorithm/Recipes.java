package org.reft4j.train.algorithm;

import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.RecipeConfig;

/** Every recipe this build can run. Adding one: write its file, settings included, and add its entry here. */
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
            String name, String about, Class<C> type, Map<String, Object> defaults, Recipe<C> recipe) {
        /** As {@link Recipe#run}, of settings that were read for this entry. */
        public void run(RecipeConfig config, Run run, GraderTools tools) {
            recipe.run(type.cast(config), run, tools);
        }

        /** As {@link Recipe#plan}, of settings that were read for this entry. */
        public void plan(RecipeConfig config, Dataset data, BatchArithmetic plan) {
            recipe.plan(type.cast(config), data, plan);
        }

        /** As {@link Recipe#texts}, of settings that were read for this entry. */
        public RunTexts texts(RecipeConfig config, Setup setup, Run run) {
            return recipe.texts(type.cast(config), setup, run);
        }
    }

    public static final List<Entry<?>> ALL = List.of(
            new Entry<>(
                    "sft",
                    "supervised fine-tuning on annotated questions (the paper's warm-up and baseline)",
                    SftRecipe.Settings.class,
                    SftRecipe.Settings.DEFAULTS,
                    new SftRecipe()),
            new Entry<>(
                    "reft",
                    "reinforced fine-tuning: PPO on sampled chains of thought, from a supervised warm-up",
                    ReftSettings.class,
                    ReftSettings.DEFAULTS,
                    new ReftRecipe()),
            new Entry<>(
                    "offline-self-training",
                    "supervised fine-tuning of the base model on a warm-up's own right samples and the annotated data",
                    OfflineSelfTrainingSettings.class,
                    OfflineSelfTrainingSettings.DEFAULTS,
                    new OfflineSelfTrainingRecipe()),
            new Entry<>(
                    "online-self-training",
                    "supervised fine-tuning on the policy's own right samples of each step, beside the annotated data",
                    OnlineSelfTrainingSettings.class,
                    OnlineSelfTrainingSettings.DEFAULTS,
                    new OnlineSelfTrainingRecipe()),
            new Entry<>(
                    "dpo",
                    "direct preference optimisation on pairs of right and wrong stored samples (DPO, IPO, with options)",
                    DpoRecipe.Settings.class,
                    DpoRecipe.Settings.DEFAULTS,
                    new DpoRecipe()),
            new Entry<>(
                    "weighted-regression",
                    "supervised fine-tuning on stored samples, weighted by reward or advantage (RWR, AWR)",
                    WeightedRegressionRecipe.Settings.class,
                    WeightedRegressionRecipe.Settings.DEFAULTS,
                    new WeightedRegressionRecipe()),
            new Entry<>(
                    "kto",
                    "Kahneman-Tversky optimisation on stored samples that are right or wrong by themselves",
                    KtoSettings.class,
                    KtoSettings.DEFAULTS,
                    new KtoRecipe()),
            new Entry<>(
                    "grpo",
                    "group-relative policy optimisation: clipped policy updates without a critic, from several completions a question",
                    GrpoSettings.class,
                    GrpoSettings.DEFAULTS,
                    new GrpoRecipe()),
            new Entry<>(
                    "reward-model",
                    "a classifier that tells right samples from wrong ones, for reranking and for judging steps",
                    RewardModelSettings.class,
                    RewardModelSettings.DEFAULTS,
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
