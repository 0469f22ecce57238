package org.reft4j.task.grade;

import org.reft4j.ground.settings.SettingException;

/**
 * The rewards of grades.
 *
 * @param correct reward of the right answer
 * @param wrong reward of a wrong answer
 * @param noAnswer reward if no answer could be extracted
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
     * @throws IllegalStateException for {@link Grade.Failed}: a grader's own failure has no reward
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
