package org.reft4j.train.algorithm;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.GroupAdvantage;
import org.reft4j.train.loss.GrpoLossConfig;
import org.reft4j.train.loss.OverlongPenalty;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.GuardConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.UpdateSize;

/**
 * Group-relative policy optimisation (DeepSeekMath, arXiv:2402.03300) and its variants, started from a supervised warm-up.
 *
 * @param steps number of training steps; each samples one batch of rollouts
 * @param refill dynamic sampling (DAPO, arXiv:2503.14476, section 3.2): if {@code rollout.mixed-only} leaves fewer than
 *     {@code rollout.questions} questions, more are sampled, up to {@code refill} times {@code rollout.questions} in a step; 1 for off
 * @param control a control experiment that rewards something other than correctness: a {@code random} coin toss, any answer in the right
 *     {@code format}, or the {@code shuffled} answers of other questions
 * @param advantage computation of advantages from rewards: minus the mean and divided by the standard deviation of the question's
 *     {@code group}; minus the mean only ({@code unscaled}); minus the mean of the other completions ({@code leave-one-out}); minus the
 *     group's mean, divided by the standard deviation over the step ({@code batch-scaled}); or normalised over the whole step
 *     ({@code batch})
 * @param overlong reward penalty for long completions
 */
public record GrpoSettings(
        @JsonUnwrapped RunSettings run,
        @JsonUnwrapped PolicySettings policy,
        int steps,
        RolloutConfig rollout,
        int refill,
        RewardRule reward,
        ControlGrader.Control control,
        GroupAdvantage advantage,
        OverlongPenalty overlong,
        GrpoLossConfig loss,
        GuardConfig guards)
        implements RecipeConfig {

    /** Lengths and sampling as in ReFT; DeepSeekMath asks 16 questions 64 times. */
    private static final RolloutConfig ROLLOUT = new RolloutConfig(32, 8, false, 1.0, 0, 1.0, 300, 700, 64, 0.1);
    /**
     * Only right answers earn a reward. Dividing by a group's standard deviation makes every difference in reward count alike: with 0.1 for
     * a wrong but readable answer, seven of these in a group with one unreadable one would be pushed up.
     */
    private static final RewardRule RIGHT_OR_NOT = new RewardRule(1, 0, 0);
    /** Default values; the constant learning rate of 1e-6 is DeepSeekMath's (section 4.2). */
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

    public GrpoSettings {
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
    public long mostRollouts() {
        return rollout.rollouts() * refill;
    }

    @Override
    public boolean weighsTokens() {
        return true;
    }

    @Override
    public UpdateSize update() {
        return new UpdateSize(minibatch(), rollout.maxTotalTokens());
    }

    @Override
    public boolean referenced() {
        return loss.kl() > 0;
    }
}
