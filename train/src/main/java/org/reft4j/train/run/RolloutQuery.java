package org.reft4j.train.run;

import java.util.Optional;
import org.reft4j.train.ConfigException;

/**
 * A query for rollouts of a run. Start from {@link #ALL} and narrow it.
 *
 * @param fromStep first step, inclusive
 * @param toStep last step, inclusive
 * @param minReward inclusive
 * @param maxReward inclusive
 * @param grep text that question or completion contains, without regard to case (of ASCII letters); taken literally, without wildcards
 * @param questionId the exact id
 * @param limit largest number of rollouts
 */
public record RolloutQuery(
        int fromStep,
        int toStep,
        double minReward,
        double maxReward,
        Optional<String> grep,
        Optional<String> questionId,
        int limit,
        Order order) {
    /** Everything, oldest first. */
    public static final RolloutQuery ALL = new RolloutQuery(
            0,
            Integer.MAX_VALUE,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            Optional.empty(),
            Optional.empty(),
            Integer.MAX_VALUE,
            Order.OLDEST);

    /** The sort order; ties are in the order of sampling. */
    public enum Order {
        OLDEST,
        NEWEST,
        LOWEST_REWARD,
        HIGHEST_REWARD,
        SHORTEST,
        LONGEST
    }

    public RolloutQuery {
        ConfigException.check(fromStep <= toStep, "step", fromStep + ".." + toStep, "the first step before the last");
        ConfigException.check(
                minReward <= maxReward, "reward", minReward + ".." + maxReward, "the lower bound before the upper");
        ConfigException.check(limit > 0, "limit", limit, "a positive number");
    }

    /** Only of these steps, inclusive. */
    public RolloutQuery steps(int first, int last) {
        return new RolloutQuery(first, last, minReward, maxReward, grep, questionId, limit, order);
    }

    /** Only with rewards in this range, inclusive. */
    public RolloutQuery rewards(double low, double high) {
        return new RolloutQuery(fromStep, toStep, low, high, grep, questionId, limit, order);
    }

    /** Only where question or completion contains {@code text}. */
    public RolloutQuery containing(String text) {
        return new RolloutQuery(fromStep, toStep, minReward, maxReward, Optional.of(text), questionId, limit, order);
    }

    /** Only of this question. */
    public RolloutQuery ofQuestion(String id) {
        return new RolloutQuery(fromStep, toStep, minReward, maxReward, grep, Optional.of(id), limit, order);
    }

    /** At most this many. */
    public RolloutQuery first(int count) {
        return new RolloutQuery(fromStep, toStep, minReward, maxReward, grep, questionId, count, order);
    }

    /** In this order. */
    public RolloutQuery in(Order wanted) {
        return new RolloutQuery(fromStep, toStep, minReward, maxReward, grep, questionId, limit, wanted);
    }
}
