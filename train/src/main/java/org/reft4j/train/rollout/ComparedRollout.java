package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.generate.StopReason;
import org.reft4j.train.loss.GroupAdvantage;
import org.reft4j.train.loss.OverlongPenalty;

/**
 * A completion, compared with the others of its question.
 *
 * @param penalty what its length cost, from -1 to 0
 * @param advantage of all its tokens
 * @param counts whether it has a part in the loss
 */
public record ComparedRollout(GradedRollout graded, double penalty, float advantage, boolean counts) {

    /**
     * Compares the completions of one question.
     *
     * @param maskTruncated whether completions that were cut off have no part in the loss
     */
    public static List<ComparedRollout> of(
            List<GradedRollout> group, OverlongPenalty overlong, GroupAdvantage advantage, boolean maskTruncated) {
        double[] penalties =
                group.stream().mapToDouble(g -> overlong.of(length(g))).toArray();
        double[] rewards = new double[penalties.length];
        for (int i = 0; i < rewards.length; i++) {
            rewards[i] = group.get(i).reward() + penalties[i];
        }
        float[] advantages = advantage.of(rewards);
        List<ComparedRollout> compared = new ArrayList<>();
        for (int i = 0; i < rewards.length; i++) {
            boolean truncated = group.get(i).rollout().completion().stop() == StopReason.LENGTH;
            compared.add(new ComparedRollout(group.get(i), penalties[i], advantages[i], !(maskTruncated && truncated)));
        }
        return compared;
    }

    /** Whether the completions of one question were paid unequally: only then do they say which was better. */
    public static boolean mixed(List<GradedRollout> group) {
        return GroupAdvantage.differ(
                group.stream().mapToDouble(GradedRollout::reward).toArray());
    }

    private static int length(GradedRollout graded) {
        return graded.rollout().completion().tokens().size();
    }
}
