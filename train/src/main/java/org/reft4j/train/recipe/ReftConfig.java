package org.reft4j.train.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.grade.ControlGrader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.PpoConfig;

/**
 * Reinforced fine-tuning by PPO (ReFT, section 3.2), started from a supervised warm-up.
 *
 * @param steps rollout batches
 * @param stepGrader pays each step of a completion on the step's last token, beside the grade on the completion's: an object such as
 *     {@code {type: arithmetic_check}}, or the file that holds one
 * @param stepWeight what a step's score is multiplied with
 * @param control pays for something else than being right, to see what a gain is made of: a {@code random} coin, any answer of the right
 *     {@code format}, or {@code shuffled} answers
 * @param valueHead how the critic starts: {@code random} as in the reference code, or {@code zero}, which spares the first steps the noise
 * @param criticRate the value head learns at this multiple of the optimiser's rate; 1 as in the reference code
 * @param criticWarmup steps in which only the value head is trained, before the policy is; 0 as in the paper
 * @param checkpointEvery steps between checkpoints, 0 for the end only
 * @param critic {@code shared}: a value head on the policy's trunk, as in the paper; {@code separate}: a copy of the starting model with
 *     a value head and an optimiser of its own, as in the paper's ablation. Then {@code ppo.value-weight} has no effect
 * @param prompt how questions are put to a model without a warm-up; none: as to the model that training begins with
 */
public record ReftConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        int steps,
        RolloutConfig rollout,
        RewardRule reward,
        ControlGrader.Control control,
        @Nullable JsonNode stepGrader,
        double stepWeight,
        PpoConfig ppo,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        GuardConfig guards,
        String microBatchTokens,
        String activationCheckpointing,
        String valueHead,
        double criticRate,
        int criticWarmup,
        int checkpointEvery,
        String critic,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    public ReftConfig {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(
                valueHead.equals("random") || valueHead.equals("zero"), "value-head", valueHead, "random or zero");
        ConfigException.check(criticRate > 0, "critic-rate", criticRate, "a number above 0");
        ConfigException.check(Double.isFinite(stepWeight), "step-weight", stepWeight, "a finite number");
        ConfigException.check(
                critic.equals("shared") || critic.equals("separate"), "critic", critic, "shared or separate");
        ConfigException.check(
                critic.equals("shared") || lora == null,
                "critic",
                critic,
                "shared, where lora is given: a separate critic trains all weights of its own copy");
        ConfigException.check(criticWarmup >= 0, "critic-warmup", criticWarmup, "0 or more");
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing);
        ConfigException.check(checkpointEvery >= 0, "checkpoint-every", checkpointEvery, "0 or more");
        int rollouts = rollout.questions() * rollout.samples();
        ConfigException.check(
                rollouts % ppo.minibatch() == 0,
                "ppo.minibatch",
                ppo.minibatch(),
                "a divisor of the " + rollouts + " rollouts of a step (" + rollout.questions() + " questions x "
                        + rollout.samples() + " samples)");
    }

    /** Whether the critic has a trunk of its own. */
    public boolean separateCritic() {
        return critic.equals("separate");
    }

    /**
     * How completions are sampled.
     *
     * @param questions per step
     * @param samples completions per question; 1 in the paper
     * @param mixedOnly learn only from questions whose completions were paid unequally, as long as there are any (dynamic sampling
     *     without refilling, Yu et al. 2025, arXiv:2503.14476); off in the paper
     * @param temperature 1 in the paper: what is sampled is what is trained
     * @param topK 0 for off
     * @param topP 1 for off
     * @param maxPromptTokens longer prompts are left out with a warning
     * @param maxTotalTokens prompt and completion together
     * @param batch rows decoded at once
     * @param keepTraces the share of rollouts that are stored with per-token figures
     */
    public record RolloutConfig(
            int questions,
            int samples,
            boolean mixedOnly,
            double temperature,
            int topK,
            double topP,
            int maxPromptTokens,
            int maxTotalTokens,
            int batch,
            double keepTraces) {
        /** The reference's launch scripts; docs/algorithms/reft.md. */
        public static final RolloutConfig REFT = new RolloutConfig(32, 1, false, 1.0, 0, 1.0, 300, 700, 64, 0.1);

        public RolloutConfig {
            ConfigException.check(questions > 0, "rollout.questions", questions, "a positive number");
            ConfigException.check(samples > 0, "rollout.samples", samples, "a positive number");
            ConfigException.check(
                    !mixedOnly || samples > 1,
                    "rollout.mixed-only",
                    mixedOnly,
                    "false, where rollout.samples is 1: a single completion is like itself");
            ConfigException.check(temperature > 0, "rollout.temperature", temperature, "a number above 0");
            ConfigException.check(topK >= 0, "rollout.top-k", topK, "0 (off) or more");
            ConfigException.check(topP > 0 && topP <= 1, "rollout.top-p", topP, "a number in (0, 1]");
            ConfigException.check(
                    maxPromptTokens > 0, "rollout.max-prompt-tokens", maxPromptTokens, "a positive number");
            ConfigException.check(
                    maxTotalTokens > maxPromptTokens,
                    "rollout.max-total-tokens",
                    maxTotalTokens,
                    "more than max-prompt-tokens (" + maxPromptTokens + ")");
            ConfigException.check(batch > 0, "rollout.batch", batch, "a positive number");
            ConfigException.check(
                    keepTraces >= 0 && keepTraces <= 1, "rollout.keep-traces", keepTraces, "a share in [0, 1]");
        }
    }

    /**
     * When a run is stopped because going on would waste it.
     *
     * @param logprobGap the largest difference between sampling-time and training-time log-probabilities of sampled tokens; one token of a
     *     step in a thousand may differ more
     * @param klWarn mean sequence KL to the reference that is warned of
     * @param klStop mean sequence KL at which the run stops
     * @param entropyWarn mean token entropy estimate below which it warns
     * @param entropyStop mean token entropy estimate below which the run stops
     * @param graderFailures share of a step's completions that could not be graded above which the run stops
     */
    public record GuardConfig(
            double logprobGap,
            double klWarn,
            double klStop,
            double entropyWarn,
            double entropyStop,
            double graderFailures) {
        public static final GuardConfig DEFAULT = new GuardConfig(0.5, 50, 500, 0.005, 0.0005, 0.2);

        public GuardConfig {
            ConfigException.check(logprobGap > 0, "guards.logprob-gap", logprobGap, "a number above 0");
            ConfigException.check(klStop >= klWarn, "guards.kl-stop", klStop, "at least kl-warn (" + klWarn + ")");
            ConfigException.check(
                    entropyStop <= entropyWarn,
                    "guards.entropy-stop",
                    entropyStop,
                    "at most entropy-warn (" + entropyWarn + ")");
            ConfigException.check(
                    graderFailures >= 0 && graderFailures <= 1,
                    "guards.grader-failures",
                    graderFailures,
                    "a share in [0, 1]");
        }
    }
}
