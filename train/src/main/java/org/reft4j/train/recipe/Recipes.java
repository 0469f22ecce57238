package org.reft4j.train.recipe;

import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.ControlGrader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.PpoConfig;

/** Every recipe this build can run. Adding one: write its file and its config record, add its line here. */
public final class Recipes {
    private Recipes() {}

    /**
     * A line of the table.
     *
     * @param name as in {@code recipe:} of a configuration file
     * @param about one sentence for people
     * @param type the record that the file is read into
     * @param defaults what holds for keys that the file leaves out: records of the parts, or plain values, by key
     * @param recipe the algorithm
     */
    public record Entry<C extends RecipeConfig>(
            String name, String about, Class<C> type, Map<String, Object> defaults, Recipe<C> recipe) {}

    private static final Map<String, Object> DATA = Map.of(
            "cot", Cot.PROGRAM, "validation", 0.1, "seed", 42, "train-limit", 0, "test-limit", 0, "options", Map.of());

    public static final List<Entry<?>> ALL = List.of(
            new Entry<>(
                    "sft",
                    "supervised fine-tuning on annotated questions (the paper's warm-up and baseline)",
                    SftConfig.class,
                    Map.ofEntries(
                            Map.entry("name", "sft"),
                            Map.entry("seed", 42),
                            Map.entry("model", Map.of("compute", "auto")),
                            Map.entry("data", DATA),
                            Map.entry("batch", 48),
                            Map.entry("micro-batch-tokens", "auto"),
                            Map.entry("activation-checkpointing", "auto"),
                            Map.entry("epochs", 40.0),
                            Map.entry("max-tokens", 1024),
                            Map.entry("optimizer", OptimizerConfig.SFT),
                            Map.entry("evaluate", EvaluateConfig.DEFAULT),
                            Map.entry("checkpoint-every", 0)),
                    new SftRecipe()),
            new Entry<>(
                    "reft",
                    "reinforced fine-tuning: PPO on sampled chains of thought, from a supervised warm-up",
                    ReftConfig.class,
                    Map.ofEntries(
                            Map.entry("name", "reft"),
                            Map.entry("seed", 42),
                            Map.entry("model", Map.of("compute", "auto")),
                            Map.entry("data", DATA),
                            Map.entry("rollout", ReftConfig.RolloutConfig.REFT),
                            Map.entry("reward", RewardRule.REFT),
                            Map.entry("control", ControlGrader.Control.NONE),
                            Map.entry("step-weight", 0.1),
                            Map.entry("ppo", PpoConfig.REFT),
                            Map.entry("optimizer", OptimizerConfig.REFT),
                            Map.entry("evaluate", EvaluateConfig.DEFAULT),
                            Map.entry("guards", ReftConfig.GuardConfig.DEFAULT),
                            Map.entry("micro-batch-tokens", "auto"),
                            Map.entry("activation-checkpointing", "auto"),
                            Map.entry("value-head", "random"),
                            Map.entry("critic-rate", 1.0),
                            Map.entry("critic-warmup", 0),
                            Map.entry("critic", "shared"),
                            Map.entry("checkpoint-every", 0)),
                    new ReftRecipe()),
            new Entry<>(
                    "offline-self-training",
                    "supervised fine-tuning of the base model on a warm-up's own right samples and the annotated data",
                    OfflineSelfTrainingConfig.class,
                    Map.ofEntries(
                            Map.entry("name", "offline-self-training"),
                            Map.entry("seed", 42),
                            Map.entry("model", Map.of("compute", "auto")),
                            Map.entry("data", DATA),
                            Map.entry("iterate", 1),
                            Map.entry("rollout", SelfTrainingRollout.OFFLINE),
                            Map.entry("keep", 10),
                            Map.entry("batch", 48),
                            Map.entry("epochs", 20.0),
                            Map.entry("max-tokens", 1024),
                            Map.entry("optimizer", OptimizerConfig.SFT),
                            Map.entry("evaluate", EvaluateConfig.DEFAULT),
                            Map.entry("guards", GradingGuard.DEFAULT),
                            Map.entry("micro-batch-tokens", "auto"),
                            Map.entry("activation-checkpointing", "auto"),
                            Map.entry("checkpoint-every", 0)),
                    new OfflineSelfTrainingRecipe()),
            new Entry<>(
                    "online-self-training",
                    "supervised fine-tuning on the policy's own right samples of each step, beside the annotated data",
                    OnlineSelfTrainingConfig.class,
                    Map.ofEntries(
                            Map.entry("name", "online-self-training"),
                            Map.entry("seed", 42),
                            Map.entry("model", Map.of("compute", "auto")),
                            Map.entry("data", DATA),
                            Map.entry("rollout", SelfTrainingRollout.ONLINE),
                            Map.entry("passes", 2),
                            Map.entry("max-tokens", 1024),
                            Map.entry("optimizer", OptimizerConfig.REFT),
                            Map.entry("evaluate", EvaluateConfig.DEFAULT),
                            Map.entry("guards", GradingGuard.DEFAULT),
                            Map.entry("micro-batch-tokens", "auto"),
                            Map.entry("activation-checkpointing", "auto"),
                            Map.entry("checkpoint-every", 0)),
                    new OnlineSelfTrainingRecipe()),
            new Entry<>(
                    "dpo",
                    "direct preference optimisation on pairs of right and wrong stored samples (DPO, IPO, with options)",
                    DpoConfig.class,
                    DpoConfig.defaults(DATA),
                    new DpoRecipe()),
            new Entry<>(
                    "weighted-regression",
                    "supervised fine-tuning on stored samples, weighted by reward or advantage (RWR, AWR)",
                    WeightedRegressionConfig.class,
                    WeightedRegressionConfig.defaults(DATA),
                    new WeightedRegressionRecipe()),
            new Entry<>(
                    "kto",
                    "Kahneman-Tversky optimisation on stored samples that are right or wrong by themselves",
                    KtoConfig.class,
                    KtoConfig.defaults(DATA),
                    new KtoRecipe()),
            new Entry<>(
                    "grpo",
                    "group-relative policy optimisation: clipped policy updates without a critic, from several completions a question",
                    GrpoConfig.class,
                    GrpoConfig.defaults(DATA),
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
