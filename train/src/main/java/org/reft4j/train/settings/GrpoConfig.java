package org.reft4j.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.GroupAdvantage;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.loss.OverlongPenalty;

/**
 * Group-relative policy optimisation (DeepSeekMath, arXiv:2402.03300) and its variants, started from a supervised warm-up.
 *
 * @param steps rollout batches
 * @param refill where {@code rollout.mixed-only} leaves fewer than {@code rollout.questions} questions, more are asked: in all at most this
 *     many times {@code rollout.questions} in a step (dynamic sampling, DAPO, arXiv:2503.14476, section 3.2); 1 for none
 * @param control pays for something else than being right, to see what a gain is made of: a {@code random} coin, any answer of the right
 *     {@code format}, or {@code shuffled} answers
 * @param advantage a completion's reward against those of its question: by mean and standard deviation of the {@code group}, by the mean
 *     alone ({@code unscaled}), by the mean of the others ({@code leave-one-out}), or by the mean and the standard deviation over the step
 *     ({@code batch-scaled}); or against those of the whole step ({@code batch})
 * @param overlong what long completions are paid less
 * @param prompt how questions are put to the model; none: as to the model that training begins with
 */
public record GrpoConfig(
        String name,
        long seed,
        ModelSource model,
        @Nullable LoraConfig lora,
        DataConfig data,
        @Nullable JsonNode grader,
        @Nullable JsonNode models,
        int steps,
        RolloutConfig rollout,
        int refill,
        RewardRule reward,
        ControlGrader.Control control,
        GroupAdvantage advantage,
        OverlongPenalty overlong,
        GrpoLossConfig loss,
        OptimizerConfig optimizer,
        EvaluateConfig evaluate,
        GuardConfig guards,
        String microBatchTokens,
        String activationCheckpointing,
        String checkpointEvery,
        @Nullable PromptConfig prompt)
        implements RecipeConfig {

    /** Lengths and sampling as in ReFT; DeepSeekMath asks 16 questions 64 times. */
    private static final RolloutConfig ROLLOUT = new RolloutConfig(32, 8, false, 1.0, 0, 1.0, 300, 700, 64, 0.1);
    /**
     * Divided by the deviation of its group, any difference in pay counts the same: with 0.1 for an answer that is wrong, seven of these
     * beside one that cannot be read would be pushed up as far as one right answer is beside seven wrong ones.
     */
    private static final RewardRule RIGHT_OR_NOT = new RewardRule(1, 0, 0);
    /** What holds for keys that a file leaves out; DeepSeekMath, section 4.2: a constant rate of 1e-6. */
    public static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
            "grpo",
            Map.ofEntries(
                    Map.entry("rollout", ROLLOUT),
                    Map.entry("refill", 1),
                    Map.entry("reward", RIGHT_OR_NOT),
                    Map.entry("control", ControlGrader.Control.NONE),
                    Map.entry("advantage", GroupAdvantage.GROUP),
                    Map.entry("overlong", OverlongPenalty.NONE),
                    Map.entry("loss", GrpoLossConfig.GRPO),
                    Map.entry("optimizer", OptimizerConfig.RISING.withRate(1e-6)),
                    Map.entry("evaluate", EvaluateConfig.DEFAULT),
                    Map.entry("guards", GuardConfig.DEFAULT)));

    public GrpoConfig {
        ConfigException.check(steps > 0, "steps", steps, "a positive number");
        ConfigException.check(
                rollout.samples() > 1 || advantage == GroupAdvantage.BATCH,
                "rollout.samples",
                rollout.samples(),
                "2 or more: a completion's advantage is over the others of its question (but for advantage: batch)");
        ConfigException.check(refill > 0, "refill", refill, "1 (none) or more");
        ConfigException.check(
                refill == 1 || rollout.mixedOnly(),
                "refill",
                refill,
                "1, where rollout.mixed-only is false: then no question is left out, and there is nothing to refill");
        RecipeConfig.check(model, lora, microBatchTokens, activationCheckpointing, checkpointEvery);
        long rollouts = rollout.rollouts();
        ConfigException.check(
                loss.minibatch() == 0 || rollouts % loss.minibatch() == 0,
                "loss.minibatch",
                loss.minibatch(),
                "a divisor of the " + rollouts + " rollouts of a step (" + rollout.questions() + " questions x "
                        + rollout.samples() + " samples), or 0 for all of them");
    }

    /** Rollouts of one update. */
    public int minibatch() {
        return loss.minibatch() == 0 ? Math.clamp(rollout.rollouts(), 1, Integer.MAX_VALUE) : loss.minibatch();
    }

    @Override
    public RolloutConfig sampling() {
        return rollout;
    }

    @Override
    public boolean referenced() {
        return loss.kl() > 0;
    }
}
