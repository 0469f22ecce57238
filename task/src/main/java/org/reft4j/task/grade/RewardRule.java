package org.reft4j.task.grade;

import org.reft4j.ground.settings.SettingException;

/**
 * Reward of a grade.
 *
 * @param correct for the right answer
 * @param wrong for an answer that is not the right one
 * @param noAnswer where nothing could be extracted
 */
public record RewardRule(double correct, double wrong, double noAnswer) {
    /** The paper's rule (ReFT, section 3.2; mwp_ReFT {@code train_rl_reft.py}, {@code rollout}). */
    public static final RewardRule REFT = new RewardRule(1.0, 0.1, 0.0);

    /** All or nothing. */
    public static final RewardRule RIGHT_OR_NOTHING = new RewardRule(1.0, 0.0, 0.0);

    public RewardRule {
        if (!(correct > noAnswer)) {
            throw new SettingException(
                    "reward.correct", correct, "more than no-answer (" + noAnswer + "), or nothing can be learned");
        }
    }

    /**
     * The reward of a grade.
     *
     * @throws IllegalStateException for {@link Grade.Failed}: a grader's fault is never paid
     */
    public double of(Grade grade) {
        return switch (grade) {
            case Grade.Correct _ -> correct;
            case Grade.Wrong _ -> wrong;
            case Grade.NoAnswer _ -> noAnswer;
            case Grade.Scored scored -> scored.score();
            case Grade.Failed(var _, String reason) -> throw new IllegalStateException("ungraded rollout: " + reason);
        };
    }
}
